/** The text of a file, as vite gives it. */
declare module "*?raw" {
  const text: string;
  export default text;
}
