"""Writes a Llama checkpoint in MLX's affine quantisation as the ONNX model that ONNX Runtime's WebGPU provider runs best.

The graph is the one that onnxruntime-genai's model builder makes for that provider with `block_size=32 is_symmetric=false
use_webgpu_fp32=true prune_lm_head=true`: the same fused operators in the same order, activations in f32, and as a mixed-precision export has
it, the head and the embedding at 8 bits, stored once. It is written here directly so that the codes and scales of the
checkpoint are carried over as they are and not rounded a second time by the builder's quantiser.

What cannot be carried over: MLX adds a float to each group, this provider subtracts a whole zero point of 4 bits. Offsets
are rounded to it, an error of at most half a step, and the script prints how large that is. 8-bit groups are exact.

`--accuracy-level 4` lets the provider round activations to 8 bits and take integer dot products, where it thinks them quicker;
1 keeps activations in f32. Which of them is quicker depends on the adapter, so the bench measures both.

    python export_onnx.py ../../../models/smollm2-135m-instruct folder/ --accuracy-level 1
"""

import argparse
import json
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

MICROSOFT = "com.microsoft"


class Checkpoint:
    """Tensors of the safetensors files of a folder, by name."""

    TYPES = {"F32": "<f4", "F16": "<f2", "U32": "<u4", "BF16": "<u2"}

    def __init__(self, folder):
        self.places = {}
        for path in sorted(folder.glob("*.safetensors")):
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                for name, about in json.loads(file.read(length)).items():
                    if name != "__metadata__":
                        self.places[name] = (path, 8 + length, about)

    def __getitem__(self, name):
        path, start, about = self.places[name]
        begin, end = about["data_offsets"]
        raw = numpy.fromfile(path, "u1", end - begin, offset=start + begin).view(self.TYPES[about["dtype"]])
        if about["dtype"] == "BF16":
            raw = (raw.astype("<u4") << 16).view("<f4")
        return raw.reshape(about["shape"])


class Graph:
    def __init__(self):
        self.nodes, self.initializers = [], []

    def tensor(self, name, array):
        self.initializers.append(numpy_helper.from_array(numpy.ascontiguousarray(array), name))
        return name

    def add(self, kind, inputs, outputs, domain=MICROSOFT, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, outputs, name="/".join((kind, outputs[0])), domain=domain, **attributes))
        return outputs[0]


class Exporter:
    def __init__(self, folder, accuracy_level):
        self.accuracy_level = accuracy_level
        self.config = json.loads((folder / "config.json").read_text())
        self.weights = Checkpoint(folder)
        self.graph = Graph()
        self.squares = numpy.zeros(2)  # of what rounding the offsets changed, and of the weights

    def quantisation(self, module):
        general = self.config["quantization"]
        return general.get(module) or general

    def packed(self, module):
        """A linear layer's codes and scales as MatMulNBits takes them, and zero points for 4 bits."""
        form = self.quantisation(module)
        bits, size = form["bits"], form["group_size"]
        words, scales, offsets = (self.weights[f"{module}.{part}"] for part in ("weight", "scales", "biases"))
        scales, offsets = scales.astype("f4"), offsets.astype("f4")
        codes = words.view("u1").reshape(*scales.shape, size * bits // 8)  # both pack from the lowest bits up
        if (scales == 0).any():
            raise SystemExit(f"{module} has a group with scale 0, which a zero point cannot express")
        exact = -offsets / scales
        middle = 2 ** (bits - 1)
        if (exact == middle).all():
            return codes, scales, None  # the zero point where none is given
        if bits != 4:
            raise SystemExit(f"{module}: only symmetric groups are known at {bits} bits")
        points = numpy.clip(numpy.rint(exact), 0, 15)
        values = numpy.stack((codes & 15, codes >> 4), -1).reshape(*scales.shape, size)
        dense = values * scales[..., None] + offsets[..., None]
        self.squares += size * ((points - exact) * scales).astype("f8").__pow__(2).sum(), (dense.astype("f8") ** 2).sum()
        return codes, scales, points.astype("u1")

    def linear(self, name, modules, given):
        """One MatMulNBits over the rows of one or several layers."""
        parts = [self.packed(module) for module in modules]
        codes, scales = (numpy.concatenate([part[index] for part in parts]) for index in (0, 1))
        bits, size = (self.quantisation(modules[0])[key] for key in ("bits", "group_size"))
        inputs = [given, self.graph.tensor(f"{name}.codes", codes), self.graph.tensor(f"{name}.scales", scales)]
        if parts[0][2] is not None:
            points = numpy.concatenate([part[2] for part in parts])
            pairs = numpy.pad(points, ((0, 0), (0, points.shape[1] % 2)))
            inputs.append(self.graph.tensor(f"{name}.zero_points", pairs[:, ::2] | pairs[:, 1::2] << 4))
        rows, columns = codes.shape[0], scales.shape[1] * size
        return self.graph.add(
            "MatMulNBits",
            inputs,
            [f"{name}/out"],
            K=columns,
            N=rows,
            bits=bits,
            block_size=size,
            accuracy_level=self.accuracy_level,
        )

    def rope(self):
        config = self.config
        if config.get("rope_scaling"):
            raise SystemExit("rope_scaling is not known here")
        size = config["hidden_size"] // config["num_attention_heads"]
        frequencies = config["rope_theta"] ** -(numpy.arange(0, size, 2, dtype="f8") / size)
        angles = numpy.outer(numpy.arange(config["max_position_embeddings"], dtype="f8"), frequencies)
        return self.graph.tensor("cos", numpy.cos(angles).astype("f4")), self.graph.tensor("sin", numpy.sin(angles).astype("f4"))

    def lengths(self):
        """What attention asks for: the last position, and the length with the past."""
        add, tensor = self.graph.add, self.graph.tensor
        one = tensor("one", numpy.array([1], "i8"))
        count = add("ReduceSum", ["attention_mask", one], ["count"], domain="", keepdims=0)
        last = add("Sub", [count, one], ["last"], domain="")
        shape = add("Shape", ["attention_mask"], ["mask_shape"], domain="")
        total = add("Gather", [shape, tensor("axis", numpy.array(1, "i8"))], ["total"], domain="", axis=0)
        return [
            add("Cast", [value], [f"{value}_i4"], domain="", to=TensorProto.INT32) for value in (last, total)
        ]

    def model(self):
        config, graph = self.config, self.graph
        layers, epsilon = config["num_hidden_layers"], config["rms_norm_eps"]
        heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
        size = config["hidden_size"] // heads
        rope, lengths = self.rope(), self.lengths()

        codes, scales, points = self.packed("model.embed_tokens")
        if points is not None or not config["tie_word_embeddings"]:
            raise SystemExit("an embedding that is the head, too, at 8 symmetric bits is all that is known here")
        head = [graph.tensor("head.codes", codes), graph.tensor("head.scales", scales)]
        flat = graph.tensor("embedding_shape", numpy.array([codes.shape[0], -1], "i8"))
        table = graph.add("Reshape", [head[0], flat], ["embedding"], domain="")
        stream = graph.add(
            "GatherBlockQuantized", [table, "input_ids", head[1]], ["embedded"], bits=8, block_size=32, gather_axis=0, quantize_axis=1
        )
        norm = graph.tensor("norm.0", self.weights["model.layers.0.input_layernorm.weight"].astype("f4"))
        hidden = graph.add(
            "SimplifiedLayerNormalization", [stream, norm], ["normed.0"], domain="", axis=-1, epsilon=epsilon, stash_type=1
        )

        def add_and_norm(name, weight, stream, change):
            weight = graph.tensor(f"{name}.weight", self.weights[weight].astype("f4"))
            outputs = [f"{name}/normed", "", "", f"{name}/sum"]
            normed = graph.add("SkipSimplifiedLayerNormalization", [stream, change, weight], outputs, epsilon=epsilon)
            return normed, outputs[3]

        for layer in range(layers):
            base, name = f"model.layers.{layer}", f"layer{layer}"
            qkv = self.linear(f"{name}/qkv", [f"{base}.self_attn.{part}_proj" for part in "qkv"], hidden)
            past = [f"past_key_values.{layer}.{part}" for part in ("key", "value")]
            present = [f"present.{layer}.{part}" for part in ("key", "value")]
            attended = graph.add(
                "GroupQueryAttention",
                [qkv, "", "", *past, *lengths, *rope],
                [f"{name}/attended", *present],
                num_heads=heads,
                kv_num_heads=kv_heads,
                scale=size**-0.5,
                do_rotary=1,
                rotary_interleaved=0,
                local_window_size=-1,
            )
            attended = self.linear(f"{name}/o", [f"{base}.self_attn.o_proj"], attended)
            hidden, stream = add_and_norm(f"{name}/after", f"{base}.post_attention_layernorm.weight", stream, attended)
            gate = self.linear(f"{name}/gate", [f"{base}.mlp.gate_proj"], hidden)
            up = self.linear(f"{name}/up", [f"{base}.mlp.up_proj"], hidden)
            sigmoid = graph.add("Sigmoid", [gate], [f"{name}/sigmoid"], domain="")
            silu = graph.add("Mul", [gate, sigmoid], [f"{name}/silu"], domain="")
            product = graph.add("Mul", [silu, up], [f"{name}/product"], domain="")
            down = self.linear(f"{name}/down", [f"{base}.mlp.down_proj"], product)
            following = "model.norm.weight" if layer == layers - 1 else f"model.layers.{layer + 1}.input_layernorm.weight"
            hidden, stream = add_and_norm(f"{name}/end", following, stream, down)
        # As the builder's prune_lm_head=true has it: a prompt needs logits after its last token alone.
        newest = graph.tensor("newest", numpy.array([-1], "i8"))
        hidden = graph.add("Gather", [hidden, newest], ["last_hidden"], domain="", axis=1)
        graph.add(
            "MatMulNBits",
            [hidden, *head],
            ["logits"],
            K=config["hidden_size"],
            N=config["vocab_size"],
            bits=8,
            block_size=32,
            accuracy_level=self.accuracy_level,
        )

        def cache(kind, length):
            return [
                helper.make_tensor_value_info(f"{kind}.{layer}.{part}", TensorProto.FLOAT, ["batch_size", kv_heads, length, size])
                for layer in range(layers)
                for part in ("key", "value")
            ]

        ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch_size", "sequence_length"])
        mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch_size", "total_sequence_length"])
        logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch_size", 1, config["vocab_size"]])
        inputs, outputs = [ids, mask, *cache("past_key_values", "past_sequence_length")], [logits, *cache("present", "total_sequence_length")]
        body = helper.make_graph(graph.nodes, "llama", inputs, outputs, graph.initializers)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(body, opset_imports=opsets, ir_version=10)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("source", help="folder of the checkpoint")
    parser.add_argument("target", help="folder to write model.onnx into")
    parser.add_argument("--accuracy-level", type=int, choices=(1, 4), default=4)
    words = parser.parse_args()
    source, target = words.source, words.target
    exporter = Exporter(Path(source), words.accuracy_level)
    model = exporter.model()
    Path(target).mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(Path(target) / "model.onnx"))
    changed, all_of_them = exporter.squares
    print(f"rounding offsets to zero points changed the 4-bit weights by {100 * (changed / all_of_them) ** 0.5:.2f} % (rms)")


if __name__ == "__main__":
    main()
