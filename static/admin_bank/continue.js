// Goes on by itself where a long task asks for one step after another, or to be looked at again after the milliseconds
// of data-continue. Without it there is the button.

const form = document.querySelector("form[data-continue]");
if (form) setTimeout(() => form.requestSubmit(), Number(form.dataset.continue) || 50);
