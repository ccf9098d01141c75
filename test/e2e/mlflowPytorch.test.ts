// PyTorch's autologging inside a submitted run: Lightning trains, MLflow's hooks log, and the plug-in writes the journal.
import { describe, expect, it } from "vitest";
import { serverAndDesk } from "../support/serverAndDesk.ts";
import { torchPython } from "../support/testPython.ts";
import { runTrackedScript, textOfRunFile } from "../support/trackedScript.ts";

const { server, desk } = serverAndDesk();

/** A line through points: y = 2x, three epochs of it. Debian's torch 1.13 cannot import its sharded tensors on Python 3.11. */
const NET = `
import mlflow, mlflow.pytorch, os, torch
if torch.__version__.startswith("1.13"):
    torch.distributed.is_available = lambda: False
import pytorch_lightning as pl
from pytorch_lightning.callbacks import EarlyStopping
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.linspace(-1, 1, 64).unsqueeze(1)
loader = DataLoader(TensorDataset(x, 2 * x), batch_size=16)

class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def forward(self, x):
        return self.layer(x)

    def training_step(self, batch, _):
        x, y = batch
        loss = torch.nn.functional.mse_loss(self(x), y)
        self.log("train_loss", loss, on_epoch=True, on_step=False)
        return loss

    def validation_step(self, batch, _):
        x, y = batch
        self.log("val_loss", torch.nn.functional.mse_loss(self(x), y))

    def test_step(self, batch, _):
        x, y = batch
        self.log("test_loss", torch.nn.functional.mse_loss(self(x), y))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

def trainer(epochs=3, **more):
    return pl.Trainer(max_epochs=epochs, accelerator="cpu", logger=False, enable_progress_bar=False, enable_model_summary=False, **more)
`;

describe("PyTorch's autologging in a run", () => {
  it("keeps params, the curve of each epoch, the summary, checkpoints and the model, which can be loaded again", async () => {
    const script = `${NET}
mlflow.pytorch.autolog(checkpoint_monitor="val_loss")
fit = trainer(callbacks=[EarlyStopping("val_loss", patience=9)])
net = Net()
fit.fit(net, loader, loader)
fit.test(net, loader)
run = mlflow.last_active_run()
assert run.info.run_id == os.environ["AZUREML_RUN_ID"], run.info.run_id
model = run.outputs.model_outputs[0].model_id
again = mlflow.pytorch.load_model("models:/" + model)
assert torch.equal(again(x), net(x))
print("loaded", model)
best = mlflow.pytorch.load_checkpoint(Net, run.info.run_id)
print("checkpoint", best.layer.weight.shape)
`;
    const { run, log, files } = await runTrackedScript(server, desk, script, { python: torchPython() });
    expect(run.params).toMatchObject({ epochs: "3", optimizer_name: "SGD", lr: "0.1", monitor: "val_loss", patience: "9" });
    expect(run.tags).toMatchObject({ Mode: "testing" });
    expect(Object.keys(run.metrics)).toEqual(expect.arrayContaining(["train_loss", "val_loss", "test_loss"]));
    const params = { workspace: "default", runId: run.runId, name: "train_loss" };
    const curve = await server.client.readMetric({ params, query: {} });
    expect(curve).toMatchObject({ steps: [0, 1, 2], values: [expect.any(Number), expect.any(Number), expect.any(Number)] });
    expect((curve.values as number[])[2]).toBeLessThan((curve.values as number[])[0]!);
    expect(log).toMatch(/^loaded m-[0-9a-f]{32}$/m);
    expect(log).toContain("checkpoint torch.Size([1, 1])");
    expect(files).toContain("model_summary.txt");
    expect(await textOfRunFile(server, run.runId, "model_summary.txt")).toContain("Linear");
    expect(files).toContainEqual(expect.stringMatching(/^models\/m-[0-9a-f]{32}\/data\/model\.pth$/));
    expect(files).toContainEqual(expect.stringMatching(/^checkpoints\/.*\.ckpt$/));
  });

  it("does not slow or fail a training whose server is away", async () => {
    const script = `import os
os.environ["AZUREML_SERVICE_ENDPOINT"] = "http://127.0.0.1:9"
os.environ["MLFLOW_TRACKING_URI"] = "switchyard://127.0.0.1:9/default"
import time
${NET}
mlflow.pytorch.autolog(log_models=False)
began = time.monotonic()
trainer().fit(Net(), loader)
print("seconds", time.monotonic() - began)
`;
    const { run, log } = await runTrackedScript(server, desk, script, { python: torchPython() });
    expect(run.params).toMatchObject({ epochs: "3" });
    expect(Number(/^seconds (.*)$/m.exec(log)?.[1]), log).toBeLessThan(100);
    const params = { workspace: "default", runId: run.runId, name: "train_loss" };
    expect(await server.client.readMetric({ params, query: {} })).toMatchObject({ steps: [0, 1, 2] });
  });
});
