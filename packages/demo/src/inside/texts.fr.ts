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
    lead: "Des modèles dont on parle, sur une échelle où chaque pas vaut dix fois plus de paramètres. La mémoire est celle des seuls poids, à 16, 8 et 4 bits, échelles comprises ; à 4, le vocabulaire en garde 8. D’un mélange d’experts, la partie pleine est active pour un token.",
    model: "Modèle",
    parameters: "Paramètres",
    class: "Classe",
    at16: "16 bits",
    at8: "8 bits",
    at4: "4 bits",
    here: "Sur cet appareil",
    active: "dont {{active}} actifs",
    this: "celui-ci",
    classes:
      "XS sous 7 milliards, S sous 20, M sous 70, L sous 150, XL au-delà : les classes des comparateurs publics jusqu’en octobre 2025, passées depuis à 15, 60, 100 et 400.",
    better:
      "Un plus grand modèle sait plus de choses et raisonne plus loin. Un plus petit répond plus tôt, coûte moins et tient là où le grand ne tient pas : pour une tâche étroite, il fait souvent aussi bien.",
    memory:
      "Sur cet appareil : les poids, avec les clés et valeurs de 4 096 tokens, face à la mémoire que le navigateur donnerait ; ce que prend une étape de calcul, quelques dizaines de mégaoctets, s’y ajoute. Ce qui ne tient nulle part chez vous est servi d’ailleurs, par vLLM par exemple.",
  },
  fit: {
    unknown:
      "Lesquels cet appareil pourrait-il faire tourner ? On ne dit pas à une page combien de mémoire a un GPU : elle peut en demander et la rendre intacte.",
    ask: "Demander au GPU",
    asking: "Demande de mémoire au GPU…",
    measured: "Ce GPU a donné {{bytes}} à une page qui les demandait.",
    most: "Ce GPU a donné {{bytes}}, le plus qu’on demande ici ; il y en a peut-être davantage.",
    software:
      "L’adaptateur logiciel travaille dans la mémoire de cette machine, dont un onglet peut espérer {{bytes}} : la moitié de ce que le navigateur en dit, au plus 8 Go chez certains. Ce serait lent.",
    softwareUnknown:
      "L’adaptateur logiciel travaille dans la mémoire de cette machine, dont ce navigateur ne dit pas la taille. Les modèles sont essayés quand on les charge.",
    noGpu: "Sans WebGPU, aucun ne peut tourner dans ce navigateur. La mémoire qu’il leur faudrait :",
    notKnown: "inconnu",
    family: "famille qui n’est pas lue ici",
    none: "tient à 16 bits",
    int8: "tient à 8 bits",
    int4: "tient à 4 bits",
    memory: "trop grand : {{need}} à 4 bits, pour {{room}}",
    binding: "un expert trop grand : {{need}}, pour {{room}} d’un seul tenant",
  },
  try: {
    start: "Essayer ici",
    loadPair: "Charger la paire pour essayer",
    loading: "La paire est en cours de chargement…",
    others: "L’essai porte sur le professeur et l’élève de la page. Choisissez-les dans la course, et chargez-les.",
    noGpu: "L’essai demande WebGPU, que ce navigateur n’offre pas.",
    change: "Modification du fichier du professeur…",
    load: "Chargement du résultat…",
    read: "Les deux lisent le texte…",
    answer: "Rédaction d’une réponse…",
    failed: "L’essai s’est interrompu.",
    results: "Résultats des essais",
    model: "Modèle",
    parameters: "Paramètres",
    kl: "KL depuis le professeur, nats par token",
    agreement: "Même premier choix",
    perplexity: "Perplexité",
    bytes: "Lu par token",
    answered: "Sa réponse",
    teacher: "Le professeur tel quel",
  },
  trial: {
    untrained: "{{layers}} couches du professeur, sans entraînement",
    student: "L’élève : les mêmes couches, entraînées",
    bits: "Arrondi à {{bits}} bits",
    zeros: "{{share}} des nombres à zéro",
    adapter: "Le professeur avec l’adaptateur",
    experts: "{{used}} experts sur {{experts}} par token",
  },
  ways: {
    heading: "Cinq chemins vers un modèle plus petit",
    lead: "Chacun s’essaie sur la paire de la page : le modèle modifié est chargé à côté du professeur, tous deux lisent le texte, et il répond à la question. Tout ce que disent les tableaux est mesuré sur votre appareil pendant que vous attendez. Un seul texte court dit peu d’un modèle : assez pour voir ce qui casse.",
    text: "Texte",
    prompt: "Question",
    distillation: "Distillation",
    distillationText:
      "Un petit modèle apprend à prédire ce que prédit un grand. L’élève de cette page a {{student}} de paramètres, le professeur {{teacher}}. Voyez ce que cela coûte :",
    distillationTry:
      "Que vaut l’entraînement ? Les mêmes {{layers}} couches du professeur telles quelles, puis après avoir appris de lui :",
    race: "les faire répondre tous deux",
    same: "les comparer token par token",
    quantisation: "Quantification",
    quantisationText:
      "Les mêmes paramètres avec moins de bits chacun. Sur le GPU, ce modèle prend {{none}} tel quel, {{int8}} avec 8 bits, {{int4}} avec 4 (le vocabulaire en garde 8). Ce que perd un tenseur se voit à côté de la carte.",
    quantisationTry:
      "Le professeur est stocké avec 4 bits par nombre. Arrondi ici à moins, chaque groupe de 32 nombres à autant de niveaux qu’il en reste (ils occupent 4 bits comme avant : on voit la perte, pas le gain) :",
    pruning: "Élagage",
    pruningText:
      "Retirer des paramètres. L’élève était d’abord le professeur sans les couches en contour. Choisissez lesquelles garder :",
    layers: "Couches du professeur qui sont gardées",
    kept: "Couches du professeur : {{kept}} gardées, {{removed}} retirées",
    pruningMore:
      "Sans entraînement ensuite, retirer des couches ruine les réponses. On peut aussi retirer des nombres un par un, les plus petits de chaque matrice (ils sont stockés ici avec 8 bits, qui ont un zéro exact : on voit la perte, pas le gain) :",
    zeros: "des nombres mis à zéro",
    lora: "LoRA",
    loraText:
      "Laisse le modèle tel quel et entraîne deux matrices minces à côté de quelques-unes des siennes. Cela ne rétrécit pas un modèle ; cela rend bon marché une copie qui diffère. Avec des adaptateurs sur les requêtes et les valeurs de chaque couche :",
    rank: "Rang",
    loraCount: "Paramètres à entraîner : {{parameters}}, soit {{share}} du modèle.",
    loraTry:
      "Un vrai : deux matrices de rang 2 à côté des requêtes et des valeurs de chaque couche, entraînées pour le professeur de la page sur les premières phrases de ses propres réponses. Il fait répondre le professeur en une phrase, puis il est retiré aussitôt.",
    experts: "Mélange d’experts",
    expertsText:
      "Beaucoup de MLP dans chaque couche, peu d’entre eux utilisés pour un token : plus de savoir pour le même travail, mais il faut tous les garder en mémoire. Si ce modèle avait",
    expertsCount: "experts par couche",
    expertsUsed: "utilisés pour un token",
    expertsResult: "il aurait {{total}} de paramètres, dont {{active}} actifs pour un token.",
    expertsTry:
      "En direct : les neurones de chaque MLP du professeur, coupés en {{experts}} experts, et un routeur fait de la moyenne des portes de chaque expert. Avec tous, le modèle est ce qu’il était ; avec moins, un token en lit moins. Personne ne l’a entraîné pour cela, alors qu’un vrai mélange l’est dès le début : il perd donc ce qu’il laisse de côté.",
    expertsLive: "experts sur {{experts}} pour un token",
    expertsReal: "Ce modèle en est un : {{total}} de paramètres, dont {{active}} actifs pour un token.",
  },
};
