/** A value that only a run will know, such as the output of a command that has not run. */
export class Unknown {
  constructor(readonly until: string) {}
}

/** Thrown where an expression touches an unknown value: what needs it is deferred. */
export class UnknownValue extends Error {
  override readonly name = 'UnknownValue'
  /** `asks` is the host that can tell, if somebody asks it what it is. */
  constructor(readonly until: string, readonly asks?: string) { super(`not known until ${until}`) }
}
