/** One of a few: radio buttons as pills under a legend. */

import { make } from "./accessify-captions.js";

/**
 * The words of the legend stand under `key`, those of a value under `key.value`; or `named(value)` makes the value's node.
 * `quiet`: the legend is only read aloud. All else are attributes of the fieldset, as `make` takes them.
 */
export function choices(key, values, { chosen = values[0], named = null, quiet = false, ...attributes } = {}) {
  const name = key.replace(".", "-");
  const choice = (value) => make("label", {},
    make("input", { type: "radio", name, value, checked: value === chosen }), named ? named(value) : make("span", { t: `${key}.${value}` }));
  return make("fieldset", { ...attributes, class: `choices ${name}` }, make("legend", { t: key, class: quiet && "visually-hidden" }), ...values.map(choice));
}

/** The value that is chosen among `choices`. */
export const chosenOf = (fieldset) => fieldset.querySelector(":checked").value;
