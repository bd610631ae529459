// Reservations and bookings as messages carry them, made what REST answers: a message has the status in words
// ("Checked In") under `status`, REST the state under `status` and the words beside it.

export const stateOfWords = (words) => String(words ?? "").toLowerCase().replaceAll(" ", "_");

export function heardReservation({ reservation }) {
  return { ...reservation, status: stateOfWords(reservation.status), statusText: reservation.status };
}
