/** What an import of a model gives: the URL of its `.pare` file. */
declare module '*?pare' {
  const url: string;
  export default url;
}
