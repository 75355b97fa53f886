/** The destination that this browser is adding: it is signed in before it gets its name. */
const KEY = "bookward-unnamed-destination";

export const leave = (slug: string): void => sessionStorage.setItem(KEY, slug);
export const isUnnamed = (slug: string): boolean => sessionStorage.getItem(KEY) === slug;
export const named = (): void => sessionStorage.removeItem(KEY);
