import { describe, expect, it } from "vitest";
import { DEFAULT_VM_SIZE, findVmSize, supportedVmSizes, vmSize, vmSizeProblem } from "../../src/index.ts";

describe("VM sizes", () => {
  it("knows those of the seed documents, in any letter case", () => {
    for (const name of ["STANDARD_D2_V2", "standard_nc6", "Standard_D3_v2", "STANDARD_NC6", "Standard_NC24s_v3"])
      expect(findVmSize(name)?.name.toLowerCase()).toBe(name.toLowerCase());
    expect(findVmSize("STANDARD_D2_V2")).toEqual({
      name: "Standard_D2_v2",
      vCPUs: 2,
      gpus: 0,
      memoryGB: 7,
      maxResourceVolumeMB: 102_400,
    });
    expect(findVmSize(DEFAULT_VM_SIZE)).toMatchObject({ vCPUs: 6, gpus: 1 });
  });

  it("lists each once, whole, with GPUs for the N family alone", () => {
    const sizes = supportedVmSizes();
    expect(new Set(sizes.map(({ name }) => name.toLowerCase())).size).toBe(sizes.length);
    expect(sizes.length).toBeGreaterThan(36);
    for (const size of sizes) {
      expect(vmSize.parse(size)).toEqual(size);
      expect(size.gpus > 0, size.name).toBe(size.name.startsWith("Standard_N"));
      expect(Math.min(size.vCPUs, size.memoryGB, size.maxResourceVolumeMB), size.name).toBeGreaterThan(0);
    }
  });

  it("says which one was probably meant", () => {
    expect(vmSizeProblem("STANDARD_D2_V2")).toBeNull();
    expect(vmSizeProblem("D2_v2")).toContain('Did you mean "Standard_D2_v2"?');
    expect(vmSizeProblem("standard d2 v2")).toContain('"Standard_D2_v2"');
    expect(vmSizeProblem("Standard_NC7")).toContain("Standard_NC");
    expect(vmSizeProblem("p3.2xlarge-of-another-cloud")).toBe(
      'There is no VM size "p3.2xlarge-of-another-cloud". `switchyard computetarget vm-sizes` lists all of them.',
    );
    expect(vmSizeProblem("")).toContain("There is no VM size");
    expect(vmSizeProblem("x".repeat(5000))!.length).toBeLessThan(300);
  });
});
