"""Writes the log in keras/ with TensorFlow's tf.summary and Keras' TensorBoard callback, apart from make_fixtures.py because
TensorFlow doesn't want to live with everything else in one environment.

    python make_keras_fixture.py          needs tensorflow (tensorflow-cpu will do), numpy and tensorboard

What TensorBoard's own reader finds in it is written by: python make_fixtures.py keras
"""
import os, shutil, tempfile

import keras
import numpy as np
import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = "events.out.tfevents.17000000{:02}.host.1.0"


def only_file(path):
    for directory, _, names in os.walk(path):
        for name in names:
            if "tfevents" in name:
                yield os.path.join(directory, name)


target = os.path.join(HERE, "keras")
shutil.rmtree(target, ignore_errors=True)
os.makedirs(target)

with tempfile.TemporaryDirectory() as scratch:
    writer = tf.summary.create_file_writer(scratch)
    with writer.as_default():
        for step in range(30):
            tf.summary.scalar("accuracy", 1 - 1 / (step + 2), step=step)
            tf.summary.scalar("double", tf.constant(0.1 * step, tf.float64), step=step)
            tf.summary.scalar("integer", tf.constant(step * 1000, tf.int64), step=step)
            if step % 10 == 0:
                tf.summary.histogram("weights", tf.random.stateless_normal([200], [1, step]), step=step, buckets=10)
                tf.summary.text("notes", f"step **{step}**", step=step)
                tf.summary.image("picture", tf.zeros([1, 4, 4, 3]), step=step)
                tf.summary.write("raw/bfloat16", tf.cast(tf.constant([1.5, -2.0, 3e38]), tf.bfloat16), step=step)
                tf.summary.write("raw/half", tf.constant([1.5, -2.0, 65504.0], tf.float16), step=step)
                tf.summary.write("raw/float", tf.constant([0.1, np.nan, np.inf], tf.float32), step=step)
    writer.close()
    for file in only_file(scratch):
        shutil.move(file, os.path.join(target, NAME.format(0)))

with tempfile.TemporaryDirectory() as scratch:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(4), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    callback = keras.callbacks.TensorBoard(scratch, histogram_freq=2, write_graph=False, update_freq="epoch")
    values = np.random.default_rng(1).normal(size=(64, 8)).astype("float32")
    model.fit(values, values.sum(1), epochs=4, verbose=0, callbacks=[callback])
    for file in only_file(os.path.join(scratch, "train")):
        shutil.move(file, os.path.join(target, NAME.format(1)))
