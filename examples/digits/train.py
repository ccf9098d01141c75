"""Trains a classifier of handwritten digits (the data set ships inside scikit-learn) and logs how well it does."""
import argparse
import os

import joblib
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--alpha", type=float, default=1e-3, help="strength of the regularisation")
args = parser.parse_args()

run = Run.get_context()
digits = load_digits()
x_train, x_test, y_train, y_test = train_test_split(digits.data, digits.target, test_size=0.3, random_state=0)
scaler = StandardScaler().fit(x_train)
model = SGDClassifier(loss="log_loss", alpha=args.alpha, random_state=0)

for epoch in range(args.epochs):
    model.partial_fit(scaler.transform(x_train), y_train, classes=range(10))
    loss = log_loss(y_test, model.predict_proba(scaler.transform(x_test)))
    run.log("loss", loss)
    print("epoch %2d  loss %.4f" % (epoch + 1, loss))

accuracy = accuracy_score(y_test, model.predict(scaler.transform(x_test)))
run.log("accuracy", accuracy)
print("accuracy %.4f" % accuracy)

os.makedirs("outputs", exist_ok=True)
joblib.dump(make_pipeline(scaler, model), "outputs/model.joblib")
