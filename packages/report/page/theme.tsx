import { useEffect, useState } from 'preact/hooks';

/** How the page looks. */
export type Theme = 'light' | 'dark';

const SYSTEM = '(prefers-color-scheme: dark)';

/** As the system wants it, until it is switched. */
export function useTheme(): [theme: Theme, switchTo: (theme: Theme) => void] {
  const [system, setSystem] = useState<Theme>(matchMedia(SYSTEM).matches ? 'dark' : 'light');
  const [chosen, choose] = useState<Theme>();
  useEffect(() => {
    const query = matchMedia(SYSTEM);
    const heard = (): void => setSystem(query.matches ? 'dark' : 'light');
    query.addEventListener('change', heard);
    return () => query.removeEventListener('change', heard);
  }, []);
  const theme = chosen ?? system;
  document.documentElement.dataset.theme = theme;
  return [theme, choose];
}

/** The switch between light and dark. */
export function ThemeSwitch({ theme, onSwitch }: { theme: Theme; onSwitch(theme: Theme): void }) {
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      class="quiet icon"
      aria-label={`Switch to ${other}`}
      title={`Switch to ${other}`}
      onClick={() => onSwitch(other)}
    >
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        {theme === 'dark' ? (
          <g fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round">
            <circle cx="10" cy="10" r="3.6" />
            <path d="M10 1.8v2M10 16.2v2M1.8 10h2M16.2 10h2M4.2 4.2l1.4 1.4M14.4 14.4l1.4 1.4M4.2 15.8l1.4-1.4M14.4 5.6l1.4-1.4" />
          </g>
        ) : (
          <path
            d="M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7Z"
            fill="none"
            stroke="currentColor"
            stroke-width="1.6"
            stroke-linejoin="round"
          />
        )}
      </svg>
    </button>
  );
}
