import { z } from "zod";
import { nearestOf } from "../runconfig/reading/nearest.ts";

/** A machine size by the name that v1 scripts give it; field names of `AmlCompute.supported_vmsizes` (spec 09 §2). */
export const vmSize = z.object({
  name: z.string(),
  vCPUs: z.int(),
  gpus: z.int(),
  memoryGB: z.number(),
  /** the machine's own temporary disk */
  maxResourceVolumeMB: z.int(),
});
export type VmSize = z.infer<typeof vmSize>;

type Row = readonly [name: string, vCPUs: number, gpus: number, memoryGB: number, maxResourceVolumeMB: number];

/** The sizes of the v1 era. A family a line group, smallest first. */
const ROWS: readonly Row[] = [
  ["Standard_A1_v2", 1, 0, 2, 10_240],
  ["Standard_A2_v2", 2, 0, 4, 20_480],
  ["Standard_A4_v2", 4, 0, 8, 40_960],
  ["Standard_A8_v2", 8, 0, 16, 81_920],
  ["Standard_D1", 1, 0, 3.5, 51_200],
  ["Standard_D2", 2, 0, 7, 102_400],
  ["Standard_D3", 4, 0, 14, 204_800],
  ["Standard_D4", 8, 0, 28, 409_600],
  ["Standard_D11", 2, 0, 14, 102_400],
  ["Standard_D12", 4, 0, 28, 204_800],
  ["Standard_D13", 8, 0, 56, 409_600],
  ["Standard_D14", 16, 0, 112, 819_200],
  ["Standard_D1_v2", 1, 0, 3.5, 51_200],
  ["Standard_D2_v2", 2, 0, 7, 102_400],
  ["Standard_D3_v2", 4, 0, 14, 204_800],
  ["Standard_D4_v2", 8, 0, 28, 409_600],
  ["Standard_D5_v2", 16, 0, 56, 819_200],
  ["Standard_D11_v2", 2, 0, 14, 102_400],
  ["Standard_D12_v2", 4, 0, 28, 204_800],
  ["Standard_D13_v2", 8, 0, 56, 409_600],
  ["Standard_D14_v2", 16, 0, 112, 819_200],
  ["Standard_D15_v2", 20, 0, 140, 1_024_000],
  ["Standard_DS1_v2", 1, 0, 3.5, 7_168],
  ["Standard_DS2_v2", 2, 0, 7, 14_336],
  ["Standard_DS3_v2", 4, 0, 14, 28_672],
  ["Standard_DS4_v2", 8, 0, 28, 57_344],
  ["Standard_DS5_v2", 16, 0, 56, 114_688],
  ["Standard_DS11_v2", 2, 0, 14, 28_672],
  ["Standard_DS12_v2", 4, 0, 28, 57_344],
  ["Standard_DS13_v2", 8, 0, 56, 114_688],
  ["Standard_DS14_v2", 16, 0, 112, 229_376],
  ["Standard_DS15_v2", 20, 0, 140, 286_720],
  ["Standard_D2_v3", 2, 0, 8, 51_200],
  ["Standard_D4_v3", 4, 0, 16, 102_400],
  ["Standard_D8_v3", 8, 0, 32, 204_800],
  ["Standard_D16_v3", 16, 0, 64, 409_600],
  ["Standard_D32_v3", 32, 0, 128, 819_200],
  ["Standard_D64_v3", 64, 0, 256, 1_638_400],
  ["Standard_D2s_v3", 2, 0, 8, 16_384],
  ["Standard_D4s_v3", 4, 0, 16, 32_768],
  ["Standard_D8s_v3", 8, 0, 32, 65_536],
  ["Standard_D16s_v3", 16, 0, 64, 131_072],
  ["Standard_D32s_v3", 32, 0, 128, 262_144],
  ["Standard_D64s_v3", 64, 0, 256, 524_288],
  ["Standard_E2_v3", 2, 0, 16, 51_200],
  ["Standard_E4_v3", 4, 0, 32, 102_400],
  ["Standard_E8_v3", 8, 0, 64, 204_800],
  ["Standard_E16_v3", 16, 0, 128, 409_600],
  ["Standard_E32_v3", 32, 0, 256, 819_200],
  ["Standard_E64_v3", 64, 0, 432, 1_638_400],
  ["Standard_F2s_v2", 2, 0, 4, 16_384],
  ["Standard_F4s_v2", 4, 0, 8, 32_768],
  ["Standard_F8s_v2", 8, 0, 16, 65_536],
  ["Standard_F16s_v2", 16, 0, 32, 131_072],
  ["Standard_F32s_v2", 32, 0, 64, 262_144],
  ["Standard_F64s_v2", 64, 0, 128, 524_288],
  ["Standard_F72s_v2", 72, 0, 144, 589_824],
  ["Standard_H8", 8, 0, 56, 1_024_000],
  ["Standard_H16", 16, 0, 112, 2_048_000],
  ["Standard_H16r", 16, 0, 112, 2_048_000],
  ["Standard_H8m", 8, 0, 112, 1_024_000],
  ["Standard_H16m", 16, 0, 224, 2_048_000],
  ["Standard_H16mr", 16, 0, 224, 2_048_000],
  ["Standard_HB60rs", 60, 0, 228, 716_800],
  ["Standard_HC44rs", 44, 0, 352, 716_800],
  ["Standard_NC6", 6, 1, 56, 389_120],
  ["Standard_NC12", 12, 2, 112, 696_320],
  ["Standard_NC24", 24, 4, 224, 1_474_560],
  ["Standard_NC24r", 24, 4, 224, 1_474_560],
  ["Standard_NC6s_v2", 6, 1, 112, 344_064],
  ["Standard_NC12s_v2", 12, 2, 224, 688_128],
  ["Standard_NC24s_v2", 24, 4, 448, 1_376_256],
  ["Standard_NC24rs_v2", 24, 4, 448, 1_376_256],
  ["Standard_NC6s_v3", 6, 1, 112, 344_064],
  ["Standard_NC12s_v3", 12, 2, 224, 688_128],
  ["Standard_NC24s_v3", 24, 4, 448, 1_376_256],
  ["Standard_NC24rs_v3", 24, 4, 448, 1_376_256],
  ["Standard_ND6s", 6, 1, 112, 344_064],
  ["Standard_ND12s", 12, 2, 224, 688_128],
  ["Standard_ND24s", 24, 4, 448, 1_376_256],
  ["Standard_ND24rs", 24, 4, 448, 1_376_256],
  ["Standard_ND40rs_v2", 40, 8, 672, 2_969_600],
  ["Standard_NV6", 6, 1, 56, 389_120],
  ["Standard_NV12", 12, 2, 112, 696_320],
  ["Standard_NV24", 24, 4, 224, 1_474_560],
];

const VM_SIZES: readonly VmSize[] = ROWS.map(([name, vCPUs, gpus, memoryGB, maxResourceVolumeMB]) => ({
  name,
  vCPUs,
  gpus,
  memoryGB,
  maxResourceVolumeMB,
}));

const byName = new Map(VM_SIZES.map((size) => [size.name.toLowerCase(), size]));

/** Every size that a cluster may name. */
export const supportedVmSizes = (): readonly VmSize[] => VM_SIZES;

/** The size of this name, in any letter case (`STANDARD_D2_V2`); undefined when there is none. */
export const findVmSize = (name: string): VmSize | undefined => byName.get(name.toLowerCase());

/** What is wrong with a size's name, with the names that were probably meant; null when it is known. */
export function vmSizeProblem(name: string): string | null {
  if (findVmSize(name) !== undefined) return null;
  const near = nearestVmSizes(name);
  const guess = near.length === 0 ? "" : ` Did you mean ${near.map((each) => `"${each}"`).join(" or ")}?`;
  return `There is no VM size "${name.slice(0, 100)}".${guess} \`switchyard computetarget vm-sizes\` lists all of them.`;
}

/** Up to three names that are close: also one without its `Standard_`, or with a blank or hyphen for `_`. */
function nearestVmSizes(name: string): string[] {
  if (name.length > 100) return [];
  const written = name.trim().replace(/[\s-]+/g, "_");
  const whole = /^standard_/i.test(written) ? written : `Standard_${written}`;
  const exact = findVmSize(whole);
  if (exact !== undefined) return [exact.name];
  const names = new Set(VM_SIZES.map((size) => size.name));
  const found: string[] = [];
  while (found.length < 3) {
    const next = nearestOf(whole, names);
    if (next === null) break;
    found.push(next);
    names.delete(next);
  }
  return found;
}
