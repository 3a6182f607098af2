import type { Model } from '../model.ts';

/** What people should know of the rows. */
export function Notes({ model }: { model: Model }) {
  const { notes } = model.data;
  if (notes.length === 0) return null;
  return (
    <section class="card" aria-labelledby="notes">
      <h2 id="notes">What to know of these rows</h2>
      <ul class="notes">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </section>
  );
}
