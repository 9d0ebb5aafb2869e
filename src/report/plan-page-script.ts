/** What the page of a plan does: filters its steps, opens and closes them, and opens all before it is printed. Without it everything is there, too. It makes no markup of anything. */
export const planPageScript = `
'use strict';
(() => {
  const controls = document.getElementById('controls');
  const [words, host, verdict, count] = ['words', 'host', 'verdict', 'count'].map((id) => document.getElementById(id));
  const steps = [...document.querySelectorAll('.step')].map((element) => ({ element, text: element.textContent.toLowerCase() }));
  const holders = [...document.querySelectorAll('.rest, .stage')];
  const folds = [...document.querySelectorAll('details')];
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    const isFiltered = wanted.length > 0 || host.value !== '' || verdict.value !== '';
    let shown = 0;
    for (const { element, text } of steps) {
      const { host: itsHost, on, verdict: itsVerdict } = element.dataset;
      const isShown = wanted.every((word) => text.includes(word)) && (host.value === '' || host.value === itsHost || host.value === on) && (verdict.value === '' || verdict.value === itsVerdict);
      element.hidden = !isShown;
      if (isShown) shown++;
    }
    for (const holder of holders) {
      holder.hidden = holder.querySelector('.step:not([hidden])') === null;
      if (holder.matches('.rest')) holder.open = isFiltered && !holder.hidden;
    }
    count.textContent = isFiltered ? 'Filtered: ' + shown + ' of ' + steps.length + ' steps are shown' : steps.length + (steps.length === 1 ? ' step' : ' steps');
  };
  for (const control of [words, host, verdict]) control.addEventListener('input', filter);
  document.getElementById('open').addEventListener('click', () => { for (const { element } of steps) if (element.tagName === 'DETAILS' && !element.hidden) element.open = true; });
  document.getElementById('close').addEventListener('click', () => { for (const fold of folds) fold.open = false; });
  let closed = [];
  addEventListener('beforeprint', () => { closed = folds.filter((fold) => !fold.open); for (const fold of closed) fold.open = true; });
  addEventListener('afterprint', () => { for (const fold of closed) fold.open = false; closed = []; });
  controls.hidden = false;
  filter();
})();
`
