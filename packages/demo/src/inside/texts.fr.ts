import type { Texts } from "../i18n/en.js";
import type { en } from "./texts.en.js";

export const fr: Texts<typeof en> = {
  heading: "À l’intérieur d’un modèle",
  lead: "Un modèle démonté à partir de ses seuls en-têtes : chaque tenseur, avec une aire proportionnelle à ses paramètres. Aucun poids n’est téléchargé avant que vous en demandiez un.",
  source: {
    reading: "Lecture des en-têtes…",
    failed: "Ce modèle n’a pas pu être démonté.",
  },
  summary: {
    parameters: "paramètres",
    active: "actifs pour un token",
    layers: "couches",
    vocabulary: "vocabulaire",
    context: "contexte, en tokens",
    cache: "clés et valeurs de 1 024 tokens",
  },
  map: {
    label: "Carte des paramètres",
    whole: "Le modèle entier",
    layer: "Couche {{layer}}",
    back: "Revenir au modèle entier",
    hint: "Choisissez une couche pour l’ouvrir, un tenseur pour voir ses nombres.",
    cell: "{{name}} : {{share}} du tout, paramètres : {{parameters}}",
    table: "Tous les tenseurs en tableau",
    name: "Tenseur",
    shape: "Forme",
    stored: "Enregistré en",
    grouped: "{{form}}, par groupes de {{groupSize}}",
  },
  section: {
    embedding: "Vocabulaire",
    attention: "Attention",
    mlp: "MLP",
    experts: "Experts",
    norm: "Normes",
  },
  sectionHelp: {
    embedding: "Une rangée de nombres par token du vocabulaire. Dans un petit modèle, c’est une grande part du tout.",
    attention: "Là où un token regarde ceux qui le précèdent : requêtes, clés, valeurs, sortie.",
    mlp: "Ce qui est fait à chaque token pris seul ; l’essentiel d’un grand modèle.",
    experts: "Plusieurs MLP dans une couche, dont un routeur choisit quelques-uns pour chaque token.",
    norm: "Des échelles qui gardent les nombres dans leur intervalle. Très peu.",
  },
  tensor: {
    none: "Choisissez un tenseur pour voir ses nombres.",
    look: "Voir ses nombres",
    reading: "Lecture…",
    failed: "Les nombres n’ont pas pu être lus.",
    noGpu: "Voir les nombres demande WebGPU, que ce navigateur n’offre pas. La carte, elle, s’en passe.",
    parameters: "Paramètres : {{parameters}}",
    onDisk: "{{bytes}} dans le modèle, en {{form}}",
    sampled: "{{rows}} de ses lignes ont été lues, réparties régulièrement.",
    mean: "moyenne",
    deviation: "écart-type",
    range: "étendue",
    bits: "Bits par nombre",
    bf16: "16",
    int8: "8",
    int4: "4",
    histogram:
      "La fréquence de chaque valeur, de {{low}} à {{high}} : en plein telle qu’enregistrée, en contour avec {{bits}} bits.",
    error: "de la taille des nombres est perdu avec {{bits}} bits (moyenne quadratique), pour {{bytes}}",
    strip:
      "Ses 64 premiers nombres tels qu’enregistrés (barres) et avec {{bits}} bits (traits). Dessous : la différence, agrandie dix fois.",
    method:
      "Les 8 et 4 bits sont faits ici par le quantificateur du moteur, par groupes de 64 nombres qui partagent une échelle et un décalage, puis relus. Un modèle enregistré à 4 bits est déjà sur une grille : il perd moins que l’original.",
    pruning: "Élaguer : mettre les plus petits à zéro",
    pruned:
      "{{share}} des nombres mis à zéro font perdre {{error}} de la taille. Deux fois moins de nombres ne rendent pas deux fois plus rapide : encore faut-il sauter les zéros.",
  },
  words: {
    heading: "Les mots",
    parameter: "Paramètre",
    parameterText: "Un nombre que l’entraînement a trouvé. Ce modèle en a {{parameters}}, tous sur la carte.",
    hyper: "Hyperparamètre",
    hyperText:
      "Un nombre choisi par des gens avant l’entraînement : combien de couches, quelle largeur, combien de têtes. Il décide des tenseurs qu’il y a. Voici ceux de ce modèle :",
    bias: "Poids et biais",
    biasText_zero:
      "La plupart des paramètres sont des poids : ils multiplient. Un biais s’ajoute. Ce modèle n’en a pas.",
    biasText_other:
      "La plupart des paramètres sont des poids : ils multiplient. Un biais s’ajoute. Ce modèle a {{count}} tenseurs de biais.",
  },
  ladder: {
    heading: "De 82 millions à 405 milliards",
    lead: "Des modèles dont on parle, sur une échelle où chaque pas vaut dix fois plus de paramètres. La mémoire est celle des seuls poids, à 16 bits et à 4 (4,5 avec les échelles). D’un mélange d’experts, la partie pleine est active pour un token.",
    model: "Modèle",
    parameters: "Paramètres",
    class: "Classe",
    at16: "16 bits",
    at4: "4 bits",
    active: "dont {{active}} actifs",
    this: "celui-ci",
    classes:
      "XS sous 7 milliards, S sous 20, M sous 70, L sous 150, XL au-delà : les classes des comparateurs publics jusqu’en octobre 2025, passées depuis à 15, 60, 100 et 400.",
    better:
      "Un plus grand modèle sait plus de choses et raisonne plus loin. Un plus petit répond plus tôt, coûte moins et tient là où le grand ne tient pas : pour une tâche étroite, il fait souvent aussi bien.",
    memory:
      "Une page ne peut pas demander combien de mémoire a un GPU. En règle générale, il faut la taille des poids et un quart de plus. Ce qui ne tient nulle part chez vous est servi d’ailleurs, par vLLM par exemple.",
  },
  ways: {
    heading: "Cinq chemins vers un modèle plus petit",
    distillation: "Distillation",
    distillationText:
      "Un petit modèle apprend à prédire ce que prédit un grand. L’élève de cette page a {{student}} de paramètres, le professeur {{teacher}}. Voyez ce que cela coûte :",
    race: "les faire répondre tous deux",
    same: "les comparer token par token",
    quantisation: "Quantification",
    quantisationText:
      "Les mêmes paramètres avec moins de bits chacun. Sur le GPU, ce modèle prend {{none}} tel quel, {{int8}} avec 8 bits, {{int4}} avec 4 (le vocabulaire en garde 8). Ce que perd un tenseur se voit à côté de la carte.",
    pruning: "Élagage",
    pruningText: "Retirer des paramètres. L’élève était d’abord le professeur sans ces couches (en contour) :",
    kept: "Couches du professeur : {{kept}} gardées, {{removed}} retirées",
    pruningMore:
      "Sans entraînement ensuite, cela ruine les réponses. On peut aussi retirer des nombres un par un : choisissez un tenseur et bougez le curseur.",
    lora: "LoRA",
    loraText:
      "Laisse le modèle tel quel et entraîne deux matrices minces à côté de quelques-unes des siennes. Cela ne rétrécit pas un modèle ; cela rend bon marché une copie qui diffère. Avec des adaptateurs sur les requêtes et les valeurs de chaque couche :",
    rank: "Rang",
    loraCount: "Paramètres à entraîner : {{parameters}}, soit {{share}} du modèle.",
    experts: "Mélange d’experts",
    expertsText:
      "Beaucoup de MLP dans chaque couche, peu d’entre eux utilisés pour un token : plus de savoir pour le même travail, mais il faut tous les garder en mémoire. Si ce modèle avait",
    expertsCount: "experts par couche",
    expertsUsed: "utilisés pour un token",
    expertsResult: "il aurait {{total}} de paramètres, dont {{active}} actifs pour un token.",
    expertsReal: "Ce modèle en est un : {{total}} de paramètres, dont {{active}} actifs pour un token.",
  },
};
