import type { Texts } from "../i18n/en.js";
import type { en } from "./texts.en.js";

export const fr: Texts<typeof en> = {
  source: {
    label: "Quel modèle",
    teacher: "Le professeur",
    student: "L’élève",
    hub: "Un dépôt Hugging Face",
    hubPlaceholder: "Qwen/Qwen2.5-0.5B-Instruct",
    open: "Regarder",
    folder: "Un dossier de cet appareil",
    online:
      "Les en-têtes viennent d’abord de huggingface.co, quelques centaines de kilooctets ; les poids seulement quand vous les chargez.",
  },
  suggestions:
    "La paire de la page a été entraînée sur de l’anglais. Une paire pour plusieurs langues, dont le français : {{teacher}} et {{student}}.",
  takeBoth: "Prendre ces deux-là",
  offline: "Il y faut une connexion.",
  checking: "Lecture des en-têtes et mesure de cet appareil…",
  failed: "Ce modèle ne peut pas servir ici.",
  encoder: "C’est un encodeur : il change des textes en vecteurs et n’en écrit pas.",
  fits: "Il tient.",
  tried: "Un navigateur ne dit pas combien de mémoire a le GPU : on essaie, et on le dit si cela ne tient pas.",
  fitsNot: "Il ne tient pas sur cet appareil, quel que soit le nombre de bits.",
  what: "Paramètres : {{parameters}}, famille {{family}}, {{bytes}} à télécharger s’ils ne sont pas déjà gardés",
  bits: "Garder ses poids",
  none: "tels quels : {{bytes}}, au plus {{rate}} tokens/s",
  int8: "à 8 bits : {{bytes}}, au plus {{rate}} tokens/s",
  int4: "à 4 bits : {{bytes}}, au plus {{rate}} tokens/s",
  rateMethod:
    "La vitesse est une limite : ce que cet appareil lit et calcule en une seconde, mesuré à l’instant, face à ce que le modèle demande pour un token. Les vitesses réelles sont plus basses.",
  kept: {
    heading: "Modèles gardés sur cet appareil",
    none: "Aucun encore : ce qui vient de Hugging Face est gardé en se chargeant.",
    model: "téléchargé",
    packed: "quantifié ici",
    remove: "Retirer",
    removeLabel: "Retirer {{name}}",
    usage: "{{bytes}} en tout",
    free: "{{bytes}} en tout, de la place pour {{free}} de plus",
  },
};
