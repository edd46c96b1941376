import type { Texts } from "../i18n/en.js";
import type { en } from "./texts.en.js";

export const fr: Texts<typeof en> = {
  heading: "Le même contexte",
  lead: "Un texte, lu par les deux modèles. À chaque token, chacun dit ce qu’il attend ensuite : plus leurs avis s’écartent, plus le token est foncé. Une réponse de la course se lit de la même façon.",
  tabs: "Que regarder",
  tab: { text: "Texte", draft: "Brouillon" },

  text: {
    label: "Le texte à lire",
    placeholder: "N’importe quel texte…",
    examples: "Exemples",
    example: { prose: "Une phrase (en anglais)", code: "Du code", french: "Du français" },
    score: "Lire",
    stop: "Arrêter",
    fromRace: "De la course",
    answerOf: "Dernière réponse : {{role}}",
    running: "Les deux modèles lisent…",
    answering: "Réponse à : {{prompt}}",
    cut: "Seuls les {{tokens}} premiers tokens ont été lus.",
    failed: "Le texte n’a pas pu être lu.",
    line: "Le texte, token par token. Les flèches du clavier le parcourent.",
    start: "début du texte",
    end: "la suite du texte",
    hint: "Pointez un token, ou avancez avec les flèches, pour voir ce que chaque modèle attendait là.",
  },
  token: {
    quoted: "« {{text}} »",
    name: "{{text}}, {{kl}} nats",
    divergence: "{{text}}, {{kl}} nats, première divergence",
    space: "espace",
    newline: "retour à la ligne",
    part: "morceau de caractère",
  },
  figure: {
    kl: "KL moyenne",
    klMethod:
      "Divergence de Kullback-Leibler de la prédiction de l’élève à celle du professeur, KL(professeur ‖ élève), en nats, sur tout le vocabulaire : 0 là où ils attendent la même chose ; ici la moyenne sur tous les tokens lus. Les logits sont comparés sur le GPU, en 32 bits.",
    agreement: "même premier choix",
    agreementMethod: "La part des endroits où le token le plus probable est le même pour les deux modèles.",
    perplexity: "perplexité",
    perplexityMethod:
      "À quel point le texte surprend un modèle : l’exponentielle de la moyenne de −log p. 1 serait jamais ; deux fois plus, c’est comme hésiter entre deux fois plus de tokens.",
    divergence: "Première divergence",
    none: "Leurs premiers choix ne diffèrent nulle part.",
    nats: "nats",
    ask: "Ce qu’est ce chiffre",
  },
  legend: {
    label: "KL à chaque token, en nats",
    below: "moins de {{nats}}",
    from: "{{nats}}",
    above: "{{nats}} et plus",
    apart: "tirets : leurs premiers choix diffèrent",
    first: "première divergence",
  },
  detail: {
    after: "Ce qui est venu : {{text}}",
    atEnd: "Après la fin du texte",
    kl: "KL ici",
    came: "Ce qui est venu, attendu avec",
    choices: "{{role}} : suites attendues",
    here: "c’est ce qui est venu",
    upTo: "Jusqu’ici",
  },
  draft: {
    lead: "L’élève écrit quelques tokens d’avance, au brouillon. Le professeur les lit d’un coup et garde ceux qu’il aurait écrits lui-même. Le texte est celui du professeur, quoi que propose l’élève ; seul le temps change.",
    start: "Écrire avec brouillon",
    stop: "Arrêter",
    running: "Le professeur écrit avec le brouillon de l’élève…",
    alone: "Le professeur récrit le tout seul, pour mesurer…",
    failed: "La réponse s’est interrompue.",
    line: "La réponse, token par token. Les flèches du clavier la parcourent.",
    origin: {
      accepted: "accepté : proposé par l’élève",
      corrected: "corrigé par le professeur",
      added: "du professeur, après un brouillon entièrement accepté",
      alone: "du professeur seul, pour commencer",
    },
    legend: "D’où viennent les tokens",
    proposal: "L’élève avait proposé {{proposal}} ; le professeur a écrit {{text}}.",
    written: "{{text}} : {{origin}}.",
    acceptance: "propositions acceptées",
    acceptanceOf: "{{accepted}} sur {{proposed}}",
    acceptanceMethod:
      "Les tokens du brouillon que le professeur a gardés, sur tous ceux que l’élève a proposés. Après un refus, le reste de ce brouillon est abandonné et compte comme refusé.",
    speed: "vitesse avec brouillon",
    speedAlone: "du professeur seul",
    gain: "gain",
    gainLive:
      "Le gain, pour l’instant, est celui par rapport aux {{tokens}} premiers tokens, que le professeur écrit seul.",
    gainMeasured: "Le gain est mesuré contre la même réponse du professeur seul.",
    gainMethod:
      "Tokens par seconde avec le brouillon, sur tokens par seconde du professeur seul, du premier token au dernier. Sous × 1, le brouillon fait perdre du temps. Pendant la réponse, la vitesse du professeur est celle de ses premiers tokens ; puis toute la réponse est écrite une seconde fois sans brouillon, et les deux sont comparées.",
    loss: {
      software:
        "Plus lent, à cause de l’adaptateur logiciel : à un processeur, quatre tokens d’un coup prennent presque autant de temps que quatre à la suite. Un GPU lit les poids une seule fois pour tous, et c’est là que passe le temps.",
      refused:
        "Plus lent, parce que trop du brouillon est refusé : chaque token refusé a coûté du temps à l’élève, et au professeur pour le lire.",
      cost: "Plus lent, parce que l’élève n’est pas assez petit à côté de son professeur : écrire le brouillon coûte plus que ne rapporte de le lire d’un coup.",
    },
    same: "Token par token, le même texte que le professeur seul.",
    differs:
      "Les deux textes se séparent au token {{token}} : deux tokens y sont presque aussi probables, et des sommes faites dans un autre ordre en décident autrement.",
  },
  live: {
    scored: "Lu : {{tokens}} tokens, KL moyenne {{kl}} nats, même premier choix à {{agreement}}.",
    drafted: "Le brouillon est terminé : {{acceptance}} acceptés.",
    measured: "Mesuré : {{gain}} fois la vitesse du professeur seul.",
  },
};
