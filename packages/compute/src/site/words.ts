/** A number of seconds without exponent, as the supervisor's shell reads it; hundredths are enough. */
export const plainSeconds = (seconds: number): string => (Math.ceil(Math.max(0, seconds) * 100) / 100).toFixed(2).replace(/\.?0+$/, "");
