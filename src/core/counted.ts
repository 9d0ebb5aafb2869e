/** `1 play`, `2 plays`: a number with what it counts. */
export const counted = (number: number, thing: string, things = `${thing}s`): string => `${number} ${number === 1 ? thing : things}`
