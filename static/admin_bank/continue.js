// Goes on by itself where a long task asks for one step after another. Without it there is the button.

const form = document.querySelector("form[data-continue]");
if (form) setTimeout(() => form.requestSubmit(), 50);
