import type { Loader } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Countries, Country } from './people.ts'

/** Loads where the shop delivers to. There is one such list, so the key is not looked at. */
export function loadCountries(source: Source): Loader<string, Countries> {
  return () => source.all<Country>('SELECT * FROM countries ORDER BY name')
}
