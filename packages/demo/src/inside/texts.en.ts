/** The English texts of the view inside a model. */
export const en = {
  heading: "Inside a model",
  lead: "A checkpoint, taken apart from its headers alone: every tensor, with an area in proportion to its parameters. No weight is fetched until you ask for one.",
  source: {
    reading: "Reading the headers…",
    failed: "This checkpoint could not be taken apart.",
  },
  summary: {
    parameters: "parameters",
    active: "active for a token",
    layers: "layers",
    vocabulary: "vocabulary",
    context: "context, tokens",
    cache: "keys and values of 1,024 tokens",
  },
  map: {
    label: "Map of the parameters",
    whole: "The whole model",
    layer: "Layer {{layer}}",
    back: "Back to the whole model",
    hint: "Choose a layer to open it, a tensor to look at its numbers.",
    cell: "{{name}}: {{share}} of the whole, {{parameters}} parameters",
    table: "All tensors as a table",
    name: "Tensor",
    shape: "Shape",
    stored: "Stored as",
    grouped: "{{form}}, groups of {{groupSize}}",
  },
  section: {
    embedding: "Embedding",
    attention: "Attention",
    mlp: "MLP",
    experts: "Experts",
    norm: "Norms",
  },
  sectionHelp: {
    embedding: "A row of numbers for each token of the vocabulary. In small models this is much of the whole.",
    attention: "Where a token looks at those before it: queries, keys, values, output.",
    mlp: "What is done to each token by itself; most of a large model.",
    experts: "Several MLPs in a layer, of which a router chooses a few for each token.",
    norm: "Scales that keep numbers in range. Very few.",
  },
  tensor: {
    none: "Choose a tensor to see its numbers.",
    look: "Look at its numbers",
    reading: "Reading…",
    failed: "The numbers could not be read.",
    noGpu: "Looking at numbers takes WebGPU, which this browser does not offer. The map needs none.",
    parameters: "{{parameters}} parameters",
    onDisk: "{{bytes}} in the checkpoint, as {{form}}",
    sampled: "{{rows}} of its rows were read, evenly spread.",
    mean: "mean",
    deviation: "deviation",
    range: "range",
    bits: "Bits a number",
    bf16: "16",
    int8: "8",
    int4: "4",
    histogram: "How often each value occurs, from {{low}} to {{high}}: filled as stored, outlined with {{bits}} bits.",
    error: "of the numbers' size is lost with {{bits}} bits (root mean square), at {{bytes}}",
    strip:
      "Its first 64 numbers as stored (bars) and with {{bits}} bits (marks). Below: the difference, ten times enlarged.",
    method:
      "8 and 4 bits are made here by the engine's own quantiser, in groups of 64 numbers that share a scale and an offset, and read back. A checkpoint that was stored at 4 bits already lies on a grid, so less is lost than from the original.",
    pruning: "Pruning: set the smallest to zero",
    pruned:
      "{{share}} of the numbers set to zero lose {{error}} of the size. Half as many numbers do not make it twice as fast: zeros must also be skipped.",
  },
  words: {
    heading: "Words",
    parameter: "Parameter",
    parameterText: "A number that training found. This model has {{parameters}} of them, all on the map.",
    hyper: "Hyperparameter",
    hyperText:
      "A number that people chose before training: how many layers, how wide, how many heads. It decides which tensors there are. These are the model's own:",
    bias: "Weight and bias",
    biasText_zero: "Most parameters are weights: they multiply. A bias is added. This model has none.",
    biasText_other:
      "Most parameters are weights: they multiply. A bias is added. This model has {{count}} tensors of biases.",
  },
  ladder: {
    heading: "From 82 million to 405 billion",
    lead: "Models that people name, on a scale where each step is ten times as many parameters. Memory is that of the weights alone, at 16 bits and at 4 (4.5 with scales). Of a mixture of experts, the solid part is active for one token.",
    model: "Model",
    parameters: "Parameters",
    class: "Class",
    at16: "16 bits",
    at4: "4 bits",
    active: "{{active}} active",
    this: "this one",
    classes:
      "XS under 7 billion, S under 20, M under 70, L under 150, XL above: the classes of public comparisons until October 2025, which have since moved to 15, 60, 100 and 400.",
    better:
      "A larger model knows more and reasons further. A smaller one answers sooner, costs less and fits where the larger does not: for a narrow task it is often as good.",
    memory:
      "A web page cannot ask how much memory a GPU has. As a rule a model needs its weights' size and a quarter more. What fits nowhere near you is served from elsewhere, by vLLM for example.",
  },
  ways: {
    heading: "Five ways to a smaller model",
    distillation: "Distillation",
    distillationText:
      "A small model learns to predict what a large one predicts. The student of this page has {{student}} parameters, the teacher {{teacher}}. See what it costs:",
    race: "let both answer",
    same: "compare them token by token",
    quantisation: "Quantisation",
    quantisationText:
      "The same parameters with fewer bits each. This model on the GPU takes {{none}} as it is, {{int8}} with 8 bits, {{int4}} with 4 (the vocabulary keeps 8). What a tensor loses is shown beside the map.",
    pruning: "Pruning",
    pruningText: "Leaving parameters out. The student began as the teacher without these layers (in outline):",
    kept: "Layers of the teacher: {{kept}} kept, {{removed}} removed",
    pruningMore:
      "Without training after it, that ruins the answers. Single numbers can be left out as well: choose a tensor and move the slider.",
    lora: "LoRA",
    loraText:
      "Leaves the model as it is and trains two thin matrices beside some of its own. It does not shrink a model; it makes a copy that differs cheap. With adapters on queries and values of every layer:",
    rank: "Rank",
    loraCount: "{{parameters}} parameters to train, {{share}} of the model.",
    experts: "Mixture of experts",
    expertsText:
      "Many MLPs in each layer, few of them used for a token: more knowledge for the same work, but all must be kept in memory. If this model had",
    expertsCount: "experts in a layer",
    expertsUsed: "used for a token",
    expertsResult: "it would have {{total}} parameters, {{active}} of them active for a token.",
    expertsReal: "This model is one: {{total}} parameters, {{active}} of them active for a token.",
  },
} as const;
