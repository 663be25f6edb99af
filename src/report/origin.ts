/** Who made a run, where and how. Nothing of it is secret: secrets have no flag for their value. */
export interface Origin {
  /** Name and version. */
  readonly program: string;
  /** The command as it was typed, quoted for the shell of its machine. */
  readonly command: string;
  readonly node: string;
  readonly host: string;
  /** Who it ran as for the operating system; a number where it has no name. */
  readonly system_user: string;
  /** Of that machine, as in the IANA database. */
  readonly time_zone: string;
}
