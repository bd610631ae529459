// One write of the book: its answer into the book, good news as a toast, a refusal where it belongs.

import { showRefusal } from "../ui/refusal.js";
import { toast } from "../ui/toast.js";
import { ownReason, reason } from "./words.js";

// id null: a new one. step: "seat", "cancel", "no-show"; else a change. -> the reservation, or null
export async function write(page, id, { step = "", body = {}, said, dialog = null, places }) {
  const { book, client } = page;
  const path = `/api/restaurant/reservations${id ? `/${id}` : ""}${step && `/${step}`}`;
  try {
    const { data, position } = await client.change({ method: id && !step ? "PATCH" : "POST", path, body });
    book.put(data, position);
    toast(said(data), { tone: "good" });
    return data;
  } catch (error) {
    if (error.code === "version_conflict" && error.current) book.put(error.current);
    if (dialog) showRefusal(dialog, error, { own: ownReason(error), places });
    else toast(reason(error), { tone: "bad" });
    return null;
  }
}
