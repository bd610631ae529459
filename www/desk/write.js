// One write of a booking: with the version that is shown, its answer into the house, a refusal where it belongs.

import { t } from "../ui/i18n.js";
import { showRefusal } from "../ui/refusal.js";
import { toast } from "../ui/toast.js";
import { ownReason, reason } from "./words.js";

// `step`: "check-in", "payments/7" ..., else a change of the booking. said(booking) is the good news. `dialog` shows a refusal, else
// a toast does. -> taken?
export async function write(desk, booking, { step = "", method = step ? "POST" : "PATCH", body = {}, version = null, said, dialog = null, places }) {
  const { house, client } = desk;
  const path = `/api/hotel/bookings/${booking.id}${step && `/${step}`}`;
  const known = version ?? (house.booking(booking.id) ?? booking).version;
  try {
    const { data, position } = await client.change({ method, path, body: { ...body, version: known } });
    house.put(data, position);
    toast(said(data), { tone: "good" });
    return true;
  } catch (error) {
    if (error.code === "version_conflict" && error.current) house.put(error.current);
    if (dialog) showRefusal(dialog, error, { own: ownReason(error), places });
    else toast(reason(error), { tone: "bad" });
    return false;
  }
}

// Takes a new booking. -> the booking, or null
export async function create(desk, body, { dialog, places }) {
  try {
    const { data, position } = await desk.client.change({ method: "POST", path: "/api/hotel/bookings", body });
    desk.house.put(data, position);
    toast(t("desk.created", { guest: data.guestName }), { tone: "good" });
    return data;
  } catch (error) {
    showRefusal(dialog, error, { own: ownReason(error), places });
    return null;
  }
}
