import { LOCAL_FEATURES } from "@switchyard/compute/local";
import { describeDriver } from "@switchyard/compute/testing";
import { LocalLab } from "./localLab.ts";

describeDriver("local", async () => new LocalLab(), LOCAL_FEATURES);
