// The document that this server serves of itself; in words why not.
export async function fetchDocument() {
  const answer = await fetch("/api/openapi.json", { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return answer.json();
}
