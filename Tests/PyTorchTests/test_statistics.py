"""Batch statistics recovered from running ones, histograms and losses, against what torch itself computes."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from normscope._recording._histograms import BINS, ParameterHistograms, PendingHistogram, _on_cpu, on_device
from normscope._recording._recording import recovered
from normscope._recording._statistics import NormalizationLayers, batch_statistics, joined
from normscope._training import _models
from normscope._training._sources import thinned


def layers_of(model: nn.Module) -> NormalizationLayers:
    return NormalizationLayers(_models.Model("", model).normalization_layers(), allows_hooks=True)


@pytest.mark.parametrize("momentum", [0.1, 0.01, 0.9, 1.0])
@pytest.mark.parametrize("layer", [nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d])
def test_a_batchs_statistics_follow_from_the_running_ones(layer: type, momentum: float) -> None:
    torch.manual_seed(0)
    sides = {nn.BatchNorm1d: (), nn.BatchNorm2d: (7, 7), nn.BatchNorm3d: (5, 5, 5)}[layer]
    model = nn.Sequential(layer(12, momentum=momentum))
    layers = layers_of(model)
    for _ in range(50):
        model(torch.randn(64, 12, *sides) * 3 + 2)
    before = layers.copy()
    batch = torch.randn(64, 12, *sides) * 3 + 2
    model(batch)
    after = layers.copy()
    assert before is not None
    assert after is not None
    values, counts = after.tensors()
    earlier, earlier_counts = before.tensors()
    found = recovered(layers.tracking, earlier, values, counts - earlier_counts, before.momenta, after.momenta)
    variance, mean = torch.var_mean(batch.double(), [0, *range(2, batch.dim())], correction=1)
    expected = torch.cat([mean, variance])
    assert float((found - expected).norm() / expected.norm()) < 1e-4
    assert float(((found - expected) / expected).abs().max()) < 1e-4


def test_several_passes_give_their_weighted_mean() -> None:
    before, batches, momentum = torch.tensor([5.0]), [1.0, 2.0, 4.0], 0.25
    running = 5.0
    for batch in batches:
        running = (1 - momentum) * running + momentum * batch
    weights = [momentum * (1 - momentum) ** (len(batches) - 1 - place) for place in range(len(batches))]
    expected = sum(weight * batch for weight, batch in zip(weights, batches, strict=True)) / sum(weights)
    found = batch_statistics(before, torch.tensor([running]), torch.tensor([momentum]), torch.tensor([3.0]))
    assert float(found) == pytest.approx(expected, rel=1e-6)


def test_a_layer_that_saw_no_batch_has_no_batch_statistics() -> None:
    same = torch.tensor([1.0, 2.0])
    found = batch_statistics(same, same, torch.tensor([0.1, 0.1]), torch.tensor([0.0, 1.0]))
    assert math.isnan(float(found[0]))
    assert float(found[1]) == pytest.approx(2.0)


def test_a_momentum_that_changed_in_between_gives_none() -> None:
    model = nn.Sequential(nn.BatchNorm1d(4))
    layers = layers_of(model)
    before = layers.copy()
    model[0].momentum = 0.5
    model(torch.randn(8, 4))
    after = layers.copy()
    assert before is not None
    assert after is not None
    (earlier, one), (later, two) = before.tensors(), after.tensors()
    found = recovered(layers.tracking, earlier, later, two - one, before.momenta, after.momenta)
    assert bool(found.isnan().all())


@pytest.mark.parametrize("arguments", [{"momentum": 0.0}, {"momentum": None}, {"track_running_stats": False}])
def test_where_they_do_not_follow_a_hook_computes_them_for_one_step(arguments: dict[str, object]) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.BatchNorm2d(6, **arguments))
    layers = layers_of(model)
    layers.watch()
    batch = torch.randn(16, 6, 4, 4) * 2 + 1
    model(batch)
    ((layer, pair),) = layers.watched()
    variance, mean = torch.var_mean(batch, [0, 2, 3], correction=0)
    assert layer.name == "0"
    torch.testing.assert_close(pair, torch.stack([mean, variance]))
    assert not model[0]._forward_pre_hooks


def test_no_hook_is_put_on_a_compiled_model() -> None:
    model = nn.Sequential(nn.BatchNorm2d(6, momentum=None))
    layers = NormalizationLayers(_models.Model("", model).normalization_layers(), allows_hooks=False)
    layers.watch()
    assert not model[0]._forward_pre_hooks


def test_copies_are_not_touched_by_later_batches() -> None:
    model = nn.Sequential(nn.BatchNorm1d(3))
    layers = layers_of(model)
    copy = layers.copy()
    affine = layers.affine()
    assert copy is not None
    model(torch.randn(8, 3) + 5)
    with torch.no_grad():
        model[0].weight.fill_(9)
    assert joined(copy.values).tolist() == [0, 0, 0, 1, 1, 1]
    assert joined(affine.values).tolist() == [1, 1, 1, 0, 0, 0]
    assert copy.tensors()[1].tolist() == [0]


@pytest.mark.parametrize("special", [None, math.nan, math.inf])
def test_histograms_count_every_finite_value_once(special: float | None) -> None:
    torch.manual_seed(0)
    values = torch.randn(1000)
    if special is not None:
        values[::10] = special
    finite = values[values.isfinite()]
    data = PendingHistogram(values).wait()
    assert data.size == len(finite) == sum(data.counts)
    assert data.least == float(finite.min())
    assert data.greatest == float(finite.max())
    assert data.total == pytest.approx(float(finite.sum()), rel=1e-4)
    assert data.squares == pytest.approx(float((finite**2).sum()), rel=1e-4)
    assert list(data.limits) == sorted(data.limits)
    assert data.limits[-1] == data.greatest


def test_a_device_counts_as_the_cpu_does() -> None:
    torch.manual_seed(0)
    values = torch.randn(4096)
    values[5] = math.nan
    one, other = _on_cpu(values), on_device(values)
    torch.testing.assert_close(one[:5], other[:5])
    # A value on an edge between two bins may fall to either side.
    assert float((one[5:] - other[5:]).abs().sum()) <= 4


def test_equal_values_are_one_bin() -> None:
    data = PendingHistogram(torch.full((7,), 2.5)).wait()
    assert (data.least, data.greatest, list(data.limits), list(data.counts)) == (2.5, 2.5, [2.5], [7.0])


class SlowClock:
    """A clock on which whatever is measured takes ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds  # between two looks
        self._now = 0.0

    def __call__(self) -> float:
        self._now += self._seconds
        return self._now


@pytest.mark.parametrize(("cost", "least", "most"), [(0.0, 10, 15), (0.001, 2, 3), (0.1, 1, 1)])
def test_histograms_take_no_more_than_their_share_of_the_time(cost: float, least: int, most: int) -> None:
    parameters = [(str(place), nn.Parameter(torch.randn(10))) for place in range(5)]
    histograms = ParameterHistograms(parameters, SlowClock(cost))
    # Two seconds of steps of 5 ms: a round a second where histograms are free, 2 ms for them in all where they are not.
    names = [name for step in range(400) for name, _ in histograms.take(0.005, step * 0.005)]
    assert least <= len(names) <= most
    assert names[:5] == ["0", "1", "2", "3", "4"][: len(names)]
    assert BINS >= 30


def test_of_many_losses_the_extremes_are_kept() -> None:
    losses = [(step, 1.0 + step % 3) for step in range(10_000)]
    losses[4321] = (4321, 500.0)
    losses[777] = (777, math.nan)
    kept = thinned(losses)
    assert len(kept) <= 64
    assert (4321, 500.0) in kept
    assert any(step == 777 and math.isnan(loss) for step, loss in kept)
    assert [step for step, _ in kept] == sorted(step for step, _ in kept)
