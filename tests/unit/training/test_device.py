"""Choosing a device, and what must be set before torch is loaded."""

import os
import subprocess
import sys

import pytest
import torch

from genstudio.core.errors import ConfigError
from genstudio.training import device


def test_that_the_best_device_there_is_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"cpu"}
    monkeypatch.setattr(device, "_available", lambda kind: kind in there)
    assert device.pick_device().type == "cpu"
    there.add("mps")
    assert device.pick_device("auto").type == "mps"
    there.add("cuda")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert device.pick_device() == torch.device("cuda", 1)
    assert device.pick_device("cuda:0") == torch.device("cuda", 0)
    assert device.pick_device("cpu").type == "cpu"


@pytest.mark.parametrize(("name", "words"), [("tpu", "is no device"), ("cuda", "no cuda device"), ("", "is no device")])
def test_that_a_device_that_is_not_there_is_refused(name: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_available", lambda kind: kind == "cpu")
    with pytest.raises(ConfigError, match=words):
        device.pick_device(name)


def test_that_the_processor_says_how_many_threads_it_uses_and_how_much_memory() -> None:
    assert device.device_label(torch.device("cpu")) == "processor, 1 thread"
    assert device.memory_in_use(torch.device("cpu")) > 10_000_000


def test_that_preparing_twice_is_preparing_once() -> None:
    threads = torch.get_num_threads()
    device.prepare()
    device.prepare()
    assert torch.get_num_threads() == threads
    torch.set_flush_denormal(False)
    torch.set_float32_matmul_precision("highest")


def test_that_cards_add_up_in_a_fixed_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    device.prepare()
    assert torch.are_deterministic_algorithms_enabled() and torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(False)
    torch.utils.deterministic.fill_uninitialized_memory = True  # type: ignore[attr-defined] # a property of a module
    torch.set_flush_denormal(False)
    torch.set_float32_matmul_precision("highest")


def test_that_the_environment_is_prepared_without_loading_torch_and_keeps_what_a_person_set() -> None:
    code = (
        "import os, sys; from genstudio.core.environment import before_torch; before_torch();"
        "print('torch' in sys.modules, os.environ.get('GOMP_SPINCOUNT'), os.environ['CUBLAS_WORKSPACE_CONFIG'])"
    )
    environment = {**os.environ, "CUBLAS_WORKSPACE_CONFIG": ":16:8"}
    environment.pop("GOMP_SPINCOUNT", None)
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    spin = "1000" if sys.platform.startswith("linux") else "None"
    assert said.stdout.split() == ["False", spin, ":16:8"]
