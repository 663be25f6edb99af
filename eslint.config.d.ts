/** What each room of src is about, in their order: a room imports itself and those before it. */
export declare const ROOMS: Readonly<Record<string, string>>;
/** What each file touches of the world that may. */
export declare const EDGES: Readonly<Record<string, string>>;
