// Waiting for events with a time limit.

/** The promise's result, or an error that says what was waited for. */
export async function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${seconds} s in vain until ${what}`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again, a little later each time, until the answer is not null. Errors of `ask` end the waiting. */
export async function until<T>(seconds: number, what: string, ask: () => Promise<T | null | undefined | false>): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (let pause = 20; ; pause = Math.min(pause * 1.5, 500)) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
