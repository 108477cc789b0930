// What the reader has switched before: put on <html> before the first paint, so that nothing flashes, and again when
// another window or the way back changes it. A classic script, since modules come too late.
(() => {
  const read = () => {
    for (const name of ["theme", "shortcuts", "cards"]) {
      try {
        document.documentElement.dataset[name] = localStorage.getItem(`papercache-${name}`) ?? "";
      } catch {
        return; // no storage allowed: what is chosen holds for this page
      }
    }
  };
  read();
  addEventListener("storage", read);
  addEventListener("pageshow", (event) => { if (event.persisted) read(); });
})();
