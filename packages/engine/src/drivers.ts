import type { ComputeDriver } from "@switchyard/compute";

/** The drivers of this server by their names. Those of attached machines come and go while it runs. */
export interface DriverCatalog {
  get(name: string): ComputeDriver | undefined;
  /** Tells of every driver there is and of each that comes. Returns how to stop. */
  follow(listener: (driver: ComputeDriver) => void): () => void;
}

/** Drivers that never change. */
export function fixedDrivers(drivers: readonly ComputeDriver[]): DriverCatalog {
  const byName = new Map(drivers.map((driver) => [driver.name, driver]));
  return {
    get: (name) => byName.get(name),
    follow(listener) {
      drivers.forEach(listener);
      return () => {};
    },
  };
}
