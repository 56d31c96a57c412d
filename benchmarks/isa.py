"""Keeping a run to the instructions of an older processor, all without bf16: `--isa avx2`, `avx512` or `avx512_vnni`.

VNNI is what fast int8 products need: Intel has had it since 2019, AMD since 2022; `avx2` and `avx512` are without it.

oneDNN (inside torch and OpenVINO), MKL, ATen, BLIS and OpenBLAS read the variables below. OpenVINO's own decision for
bf16 looks at the processor alone, so it is asked for float32. With AVX2 its activations stay float32 too: asked to
round them to int8 (DYNAMIC_QUANTIZATION_GROUP_SIZE), OpenVINO 2026.4 then gives an empty array. Leaves out: ONNX
Runtime, which has no such switch, and a few of OpenVINO's own kernels (softmax), which stay AVX-512.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from classifier.engines.telemetry import without_telemetry

_AVX512 = {
    "ATEN_CPU_CAPABILITY": "avx512",
    "MKL_ENABLE_INSTRUCTIONS": "AVX512",
    "BLIS_ARCH_TYPE": "skx",
    "OPENBLAS_CORETYPE": "SkylakeX",
}
LIMITS: Mapping[str, Mapping[str, str]] = {
    "avx2": {
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "BLIS_ARCH_TYPE": "haswell",
        "OPENBLAS_CORETYPE": "Haswell",
    },
    "avx512": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE", **_AVX512},
    "avx512_vnni": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_VNNI", **_AVX512},
}
OPENVINO: Mapping[str, Mapping[str, str]] = {
    "avx2": {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"},
    "avx512": {"INFERENCE_PRECISION_HINT": "f32"},
    "avx512_vnni": {"INFERENCE_PRECISION_HINT": "f32"},
}
_BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


def environment(isa: str | None, cache: Path) -> dict[str, str]:
    """The variables to add for a run; {} where nothing is limited.

    Args:
        isa: A key of `LIMITS`, or None.
        cache: Where the models that OpenVINO compiles are kept: those for the whole processor must not be used.
    """
    return {} if isa is None else {**LIMITS[isa], "XDG_CACHE_HOME": str(cache / f"compiled-{isa}")}


def limit_openvino(isa: str) -> None:
    """From now on this process compiles OpenVINO models with the settings for an older processor."""
    with without_telemetry():
        import openvino as ov

    compile_model = ov.Core.compile_model

    def limited(self: Any, model: Any, device: Any = None, config: Any = None, **more: Any) -> Any:
        settings = {**(config or {}), **OPENVINO[isa]}
        return compile_model(self, model, device, settings, **more)

    ov.Core.compile_model = limited


def limited_predict(isa: str) -> None:
    """`python -m classifier.predict` as on an older processor."""
    from classifier.predict import main

    limit_openvino(isa)
    raise SystemExit(main())


def has_bf16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """True if the processor says that it has bf16 arithmetic; False where it does not tell."""
    return bool(_BF16_FLAGS & set(_field(cpuinfo, "flags").split() + _field(cpuinfo, "Features").split()))


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name; the machine's kind where it is not told."""
    import platform

    return _field(cpuinfo, "model name") or platform.processor() or platform.machine()


def _field(cpuinfo: Path, name: str) -> str:
    """The first value of a field of /proc/cpuinfo; "" where there is none."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == name), "")
