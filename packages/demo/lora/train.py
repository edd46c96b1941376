"""A LoRA adapter that has the embedded teacher answer in one sentence.

    pip install torch==2.13.0 transformers==5.23.0 peft==0.21.2 safetensors numpy && python train.py

Trained on the teacher's own greedy answers to the questions below, cut after their first sentence: what it learns is when
to stop. Rank 2 on queries and values of every layer. Writes adapter_config.json and adapter_model.safetensors beside
itself, prints the loss, and the length of answers to questions that it was not trained on. `train.py 60` stops after about a
minute and goes on from there when it is called again.
"""

import json
import re
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import save_file
from transformers import AutoTokenizer

HERE = Path(__file__).parent
WORK = Path(tempfile.gettempdir()) / "alambic-lora"
sys.path.append(str(HERE / "../../engine/fixtures"))
TEACHER = HERE / "../../../models/smollm2-135m-instruct"

FORMS = [
    "What is {}?", "Explain {} to a child.", "Why does {} matter?", "Tell me something about {}.",
    "Give me three tips about {}.", "What should I know about {}?", "How did {} begin?", "Write a short text about {}.",
]
TOPICS = [
    "photosynthesis", "the French Revolution", "chess", "bread", "the moon", "money", "jazz", "a volcano", "the heart",
    "football", "glass", "the internet",
]
HELD_OUT = [
    "What is the capital of France?", "Explain in two sentences why the sky is blue.",
    "Give me three tips for sleeping better.", "What is a computer?", "How do I learn to swim?",
]
RANK, STEPS, BATCH, LONGEST, RATE = 2, 60, 8, 72, 4e-3


def first_sentence(text: str) -> str | None:
    found = re.match(r"\s*(.{20,}?[.!?])(\s|$)", text, re.S)
    return found and found[1].strip()


@torch.no_grad()
def answers(model, tokenizer, prompts, most):
    """Greedy, several at once: padded on the left."""
    texts = [tokenizer.apply_chat_template([{"role": "user", "content": p}], tokenize=False, add_generation_prompt=True) for p in prompts]
    tokenizer.padding_side = "left"
    batch = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    ids = model.generate(**batch, max_new_tokens=most, do_sample=False, pad_token_id=2, eos_token_id=2)
    return [row[batch["input_ids"].shape[1] :] for row in ids]


def examples(model, tokenizer):
    kept = WORK / "examples.json"
    done = json.loads(kept.read_text()) if kept.exists() else []
    prompts = [form.format(topic) for form, topic in product(FORMS, TOPICS)]
    while len(done) < len(prompts) and in_time():
        some = prompts[len(done) : len(done) + 12]
        done += [[p, tokenizer.decode(ids, skip_special_tokens=True)] for p, ids in zip(some, answers(model, tokenizer, some, 56))]
        kept.write_text(json.dumps(done))
        print(f"{len(done)} of {len(prompts)} answers")
    return done, len(done) == len(prompts)


def encoded(tokenizer, pairs):
    rows = []
    for prompt, answer in pairs:
        sentence = first_sentence(answer)
        if not sentence:
            continue
        asked = tokenizer.apply_chat_template([{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True)
        before = tokenizer(asked, add_special_tokens=False)["input_ids"]
        after = tokenizer(f"{sentence}<|im_end|>", add_special_tokens=False)["input_ids"]
        if len(before) + len(after) <= LONGEST + 24:
            rows.append((before, after))
    return rows


def loss_of(model, rows):
    width = max(len(b) + len(a) for b, a in rows)
    ids = torch.tensor([b + a + [2] * (width - len(b) - len(a)) for b, a in rows])
    labels = torch.tensor([[-100] * len(b) + a + [-100] * (width - len(b) - len(a)) for b, a in rows])
    mask = torch.tensor([[1] * (len(b) + len(a)) + [0] * (width - len(b) - len(a)) for b, a in rows])
    return model(input_ids=ids, attention_mask=mask, labels=labels).loss


started = time.time()
most_seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1e9


def in_time() -> bool:
    return time.time() - started < most_seconds


def main() -> None:
    from compare_pair import load

    WORK.mkdir(exist_ok=True)
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(TEACHER)
    base = load(TEACHER.name)
    pairs, complete = examples(base, tokenizer)
    if not complete:
        return
    rows = encoded(tokenizer, pairs)
    config = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(base, config)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=RATE, weight_decay=0)
    state, step = WORK / "state.pt", 0
    if state.exists():
        saved = torch.load(state)
        set_peft_model_state_dict(model, saved["adapter"])
        optimiser.load_state_dict(saved["optimiser"])
        step = saved["step"]
    while step < STEPS and in_time():
        order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(step))
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 5) * (1 - step / STEPS)
        loss = loss_of(model, [rows[i] for i in order[:BATCH]])
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        step += 1
        print(f"step {step} of {STEPS}: {loss.item():.3f}", flush=True)
    torch.save({"adapter": get_peft_model_state_dict(model), "optimiser": optimiser.state_dict(), "step": step}, state)
    if step < STEPS or not in_time():
        return
    weights = {name: value.to(torch.bfloat16).contiguous() for name, value in get_peft_model_state_dict(model).items()}
    save_file(weights, HERE / "adapter_model.safetensors", {"format": "pt"})
    small = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": TEACHER.name, "r": RANK,
             "lora_alpha": 2 * RANK, "target_modules": ["q_proj", "v_proj"], "bias": "none"}
    (HERE / "adapter_config.json").write_text(json.dumps(small, indent=2) + "\n")
    with model.disable_adapter():
        before = answers(model, tokenizer, HELD_OUT, 56)
    for prompt, without, having in zip(HELD_OUT, before, answers(model, tokenizer, HELD_OUT, 56)):
        lengths = [int((ids != 2).sum()) for ids in (without, having)]
        print(prompt, lengths, tokenizer.decode(having, skip_special_tokens=True), sep="\n  ")


main()
