import { SSH_FEATURES } from "@switchyard/compute/ssh";
import { describeDriver } from "@switchyard/compute/testing";
import { oneMachine } from "./machines.ts";

const withoutPython = { tools: (name: string) => !/^(python|perl|busybox)/.test(name) };

describeDriver("ssh (key)", oneMachine("key"), SSH_FEATURES, true);
describeDriver("ssh (password, no Python there)", oneMachine("password", withoutPython), SSH_FEATURES, true);
describeDriver("ssh (encrypted key, busybox)", oneMachine("encrypted key", { busyboxWithout: [] }), SSH_FEATURES, true);
