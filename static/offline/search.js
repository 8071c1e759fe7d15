/* Searches the offline copy of the bank. A plain script: a page opened from a file loads no modules and fetches nothing.
   BANK comes from datos.js: studies in the order of the list (text, theme, country, effect), and meanings, the words
   of one concept each. The rules are those of studies/offline/search_data.py: the text is folded there, the query here. */
(function () {
  "use strict";
  var form = document.getElementById("buscador");
  var box = document.getElementById("q");
  var heading = document.getElementById("n");
  var choices = Array.prototype.slice.call(form.querySelectorAll("[data-choice]"));
  var items = Array.prototype.slice.call(document.getElementById("estudios").children);

  /* Words without case, accents and signs, cut as search_data.py cuts them: mujer, mujeres; clase, clases. */
  function plain(text) {
    var folded = text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
    return folded.replace(/[^\p{L}\p{N}]+/gu, " ").trim().split(" ").map(stem).join(" ");
  }

  function stem(word) {
    ["s", "e"].forEach(function (end) {
      if (word.length > 4 && word.slice(-1) === end) word = word.slice(0, -1);
    });
    return word;
  }

  /* What must be found: for each concept in the query any of its words, and every word that is left. */
  function wanted(query) {
    var rest = " " + plain(query) + " ";
    var units = [];
    BANK.meanings.forEach(function (words) {
      var typed = words.filter(function (each) { return rest.indexOf(" " + each + " ") >= 0; });
      if (!typed.length) return;
      typed.forEach(function (each) { rest = rest.replace(" " + each + " ", " "); });
      units.push(words);
    });
    rest.trim().split(" ").filter(Boolean).forEach(function (word) { units.push([word]); });
    return units;
  }

  function matches(study, units) {
    return choices.every(function (choice) {
      return !choice.value || study[choice.dataset.choice].indexOf(choice.value) >= 0;
    }) && units.every(function (words) {
      return words.some(function (each) { return study.text.indexOf(" " + each) >= 0; });
    });
  }

  function show() {
    var units = wanted(box.value);
    var shown = 0;
    BANK.studies.forEach(function (study, place) {
      var fits = matches(study, units);
      items[place].hidden = !fits;
      if (fits) shown += 1;
    });
    heading.textContent = shown === 0 ? heading.dataset.none
      : shown === 1 ? heading.dataset.one
      : heading.dataset.many.replace("#", String(shown));
    remember();
  }

  /* The address keeps the search, so that going back from a study finds the list as it was. */
  function remember() {
    var kept = new URLSearchParams();
    if (box.value) kept.set("q", box.value);
    choices.forEach(function (choice) { if (choice.value) kept.set(choice.id, choice.value); });
    var place = location.pathname + (kept.toString() ? "#?" + kept : "");
    try { history.replaceState(null, "", place); } catch (refused) { /* some browsers keep file addresses as they are */ }
  }

  function recall() {
    var kept = new URLSearchParams(location.hash.replace(/^#\?/, ""));
    box.value = kept.get("q") || "";
    choices.forEach(function (choice) { choice.value = kept.get(choice.id) || ""; });
  }

  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", show);
  form.hidden = false;
  recall();
  show();
}());
