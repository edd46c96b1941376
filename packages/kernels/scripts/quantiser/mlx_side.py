"""Writes what a quantiser is judged by: a checkpoint as plain bf16, and the same tensors quantised by MLX.

    pip install 'mlx[cpu]' numpy
    python mlx_side.py <checkpoint> <out>

<checkpoint> is a Hub folder, plain or in MLX's packed form. <out>/bf16 and <out>/mlx become Hub folders in their turn,
groups of 64: 4 bits for every linear layer and 8 for the embedding. <out>/mlx-errors.json has, for each tensor, the
squared error of MLX's quantisation and the squared sum of its weights. <out>/mlx-oracle.json has a few groups with
their errors: the file that src/ops/quantise/mlx-oracle.json is a copy of.
"""

import json
import shutil
import sys
from pathlib import Path

import mlx.core as mx
import numpy as np

GROUP_SIZE = 64
BITS = {"linear": 4, "embedding": 8}
SHARD_BYTES = 900_000_000


def plain_bf16(checkpoint: Path, config: dict) -> dict[str, mx.array]:
    stored: dict[str, mx.array] = {}
    for shard in sorted(checkpoint.glob("*.safetensors")):
        stored.update(mx.load(str(shard)))
    quantization = config.get("quantization", {})
    tensors = {}
    for name, value in stored.items():
        module = name.removesuffix(".weight")
        if name.endswith((".scales", ".biases")):
            continue
        if f"{module}.scales" in stored:
            own = {**quantization, **quantization.get(module, {})}
            value = mx.dequantize(
                value,
                stored[f"{module}.scales"].astype(mx.float32),
                stored[f"{module}.biases"].astype(mx.float32),
                group_size=own["group_size"],
                bits=own["bits"],
            )
        tensors[name] = value.astype(mx.bfloat16)
    return tensors


def write_folder(folder: Path, tensors: dict[str, mx.array], config: dict, origin: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shards: list[dict[str, mx.array]] = [{}]
    for name, value in tensors.items():
        if sum(v.nbytes for v in shards[-1].values()) + value.nbytes > SHARD_BYTES:
            shards.append({})
        shards[-1][name] = value
    weight_map = {}
    for number, shard in enumerate(shards, 1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        mx.save_safetensors(str(folder / file), shard, metadata={"format": "mlx"})
        weight_map.update(dict.fromkeys(shard, file))
    total = sum(value.nbytes for value in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1))
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    for file in ("generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        if (origin / file).exists():
            shutil.copyfile(origin / file, folder / file)


def squared(values: mx.array) -> float:
    return float(np.square(np.array(values.astype(mx.float32), dtype=np.float64)).sum())


def main(checkpoint: Path, out: Path) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    plain = plain_bf16(checkpoint, config)
    config = {key: value for key, value in config.items() if key not in ("quantization", "quantization_config")}
    config["torch_dtype"] = "bfloat16"
    write_folder(out / "bf16", plain, config, checkpoint)

    packed: dict[str, mx.array] = {}
    errors = {}
    for name, value in plain.items():
        if value.ndim != 2:
            packed[name] = value
            continue
        bits = BITS["embedding" if "embed" in name else "linear"]
        words, scales, biases = mx.quantize(value, group_size=GROUP_SIZE, bits=bits)
        module = name.removesuffix(".weight")
        packed |= {name: words, f"{module}.scales": scales, f"{module}.biases": biases}
        errors[name] = {"bits": bits, "error": squared(difference(value, bits)), "power": squared(value)}
    quantization = {
        "group_size": GROUP_SIZE,
        "bits": BITS["linear"],
        "mode": "affine",
        "model.embed_tokens": {"group_size": GROUP_SIZE, "bits": BITS["embedding"]},
    }
    quantized = {**config, "quantization": quantization, "quantization_config": quantization}
    write_folder(out / "mlx", packed, quantized, checkpoint)
    about = {"mlx": mx.__version__, "group_size": GROUP_SIZE}
    (out / "mlx-errors.json").write_text(json.dumps({**about, "tensors": errors}, indent=1))
    (out / "mlx-oracle.json").write_text(json.dumps({**about, "groups": oracle(plain)}, indent=1) + "\n")


def difference(value: mx.array, bits: int) -> mx.array:
    """What MLX's quantisation changes. Dequantised in f32, so that no second rounding counts against MLX."""
    words, scales, biases = mx.quantize(value, group_size=GROUP_SIZE, bits=bits)
    scales, biases = scales.astype(mx.float32), biases.astype(mx.float32)
    return value.astype(mx.float32) - mx.dequantize(words, scales, biases, group_size=GROUP_SIZE, bits=bits)


def oracle(plain: dict[str, mx.array]) -> list[dict]:
    """A few groups from here and there, and some of normal random numbers, as bf16 in hexadecimal."""
    matrices = {name: value for name, value in sorted(plain.items()) if value.ndim == 2}
    chosen = {name: matrices[name] for name in list(matrices)[:: max(1, len(matrices) // 20)]}
    random = np.random.default_rng(1).standard_normal((20, GROUP_SIZE)) * 0.05
    rows = [(name, value.reshape(-1, GROUP_SIZE)[1000:1001]) for name, value in chosen.items()]
    rows += [("normal", mx.array(row[None].astype(np.float32)).astype(mx.bfloat16)) for row in random]
    return [
        {
            "of": name,
            "bf16": np.array(row.view(mx.uint16)).astype(">u2").tobytes().hex(),
            "error": {bits: squared(difference(row, bits)) for bits in (4, 8)},
        }
        for name, row in rows
    ]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
