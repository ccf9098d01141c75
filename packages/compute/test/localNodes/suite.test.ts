import { describeNodeProvider } from "@switchyard/compute/testing";
import { LocalNodeLab } from "../localNodeLab.ts";

describeNodeProvider("local", async () => new LocalNodeLab());
