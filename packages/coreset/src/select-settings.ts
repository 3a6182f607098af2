import { pickOptions } from '@coreset/core';
import { type RuleOptions, SELECT_OPTIONS, type SelectOptions } from '@coreset/selector';

/** How rows are selected, besides the budget and how groups share it. */
export type SelectSettings = Omit<SelectOptions, keyof RuleOptions>;

/** Every option of {@link SelectSettings}. */
export const SELECT_SETTINGS: Readonly<Record<keyof SelectSettings, true>> = withoutRules(SELECT_OPTIONS);

function withoutRules<Value>({
  balance: _balance,
  groupMinimum: _groupMinimum,
  ...others
}: Readonly<Record<keyof SelectOptions, Value>>): Record<keyof SelectSettings, Value> {
  return others;
}

/** The settings of the selection among other options. */
export function selectSettings(options: SelectSettings): SelectSettings {
  return pickOptions(options, SELECT_SETTINGS);
}
