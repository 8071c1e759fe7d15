// Offer each figure as PNG too: the browser draws the SVG file at twice its size. Without this script the SVG is there.
const SCALE = 2;

async function drawn(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * SCALE;
  canvas.height = image.naturalHeight * SCALE;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

for (const link of document.querySelectorAll("[data-png]")) {
  link.hidden = false;
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const address = URL.createObjectURL(await drawn(link.href));
    const saved = document.createElement("a");
    saved.href = address;
    saved.download = `${link.dataset.png}.png`;
    saved.click();
    URL.revokeObjectURL(address);
  });
}
