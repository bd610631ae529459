// Types of the channels' messages (docs/ws.md), as a socket, an event stream or a poll brings them. Held against
// the schemas and the examples of /asyncapi.json by tests/www. No code; used by maitred-client.d.ts.

import type { EventId, Instant, Table, TableStatus } from "./socketio-events";

export type { EventId, Instant, Table, TableSession, TableStatus } from "./socketio-events";

/** Today's figures. Money in major units of the venue's currency; a trend is in per cent against a week before. */
export interface DashboardStats {
  reservationsToday: number;
  prepaidReservations: number;
  expectedGuests: number;
  pendingPayments: number;
  pendingPaymentsTrend: number;
  reservationsTrend: number;
  prepaidTrend: number;
  guestsTrend: number;
  /** Of a hotel, as are the next two: per cent of the rooms in order that are sold for tonight. */
  occupancyRate?: number;
  adr?: number;
  revpar?: number;
}

export type OrderStatus = "pending" | "confirmed" | "preparing" | "ready" | "served" | "completed" | "cancelled";
export type ItemStatus = "placed" | "preparing" | "ready" | "served" | "void";
export type PaymentStatus = "pending" | "completed" | "failed" | "refunded";
export type PaidStatus = "pending" | "partial" | "paid" | "refunded";

export interface OrderStats {
  revenue: number;
  orders: number;
  averageOrderValue: number;
  customers: number;
  byStatus: Record<OrderStatus, number>;
}

export interface RoomAvailability {
  totalRooms: number;
  availableRooms: number;
  occupancyRate: number;
  roomTypes: { type: string; total: number; available: number }[];
}

export interface Payment {
  id: number;
  amount: number;
  method: string;
  status: PaymentStatus;
  created_by: string | null;
  created_at: Instant;
}

export interface OrderItem {
  id: number;
  menu_item_id: number | null;
  name: string;
  quantity: number;
  unit_price: number;
  notes: string | null;
  status: ItemStatus;
}

export interface Order {
  id: number;
  order_number: string;
  restaurant_id: number;
  table_id: number | null;
  table_number: number | null;
  session_id: number | null;
  waiter_id: number | null;
  customer_name: string | null;
  customer_phone: string | null;
  order_status: OrderStatus;
  payment_status: PaidStatus;
  payment_method: string | null;
  total_price: number;
  /** Minutes until it is ready. */
  estimated_time: number | null;
  notes: string | null;
  version: number;
  updated_by: string | null;
  created_at: Instant;
  updated_at: Instant;
  items: OrderItem[];
  payments: Payment[];
}

/** A restaurant's reservation. `status` is in words here ("Confirmed"); REST has the state beside them. */
export interface ToldReservation {
  id: `res${number}`;
  customerName: string;
  customerInitials: string;
  customerId: number | null;
  date: Instant;
  time: string;
  guests: number;
  partySize: number;
  status: string;
  specialRequests: string | null;
  contactNumber: string | null;
  email: string | null;
  tableId: number | null;
  durationMinutes: number;
  source: string;
  prepaid: boolean;
  amountDue: number;
  version: number;
  createdAt: Instant;
  updatedAt: Instant;
  payments: Payment[];
}

/** A hotel's booking, `status` in words as above. */
export interface ToldBooking {
  id: `bkg${number}`;
  guestName: string;
  customerName: string;
  customerInitials: string;
  customerId: number | null;
  /** Days, "2026-06-27"; the day of departure is no night. */
  checkIn: string;
  checkOut: string;
  nights: number;
  date: Instant;
  time: string;
  roomTypeId: number;
  roomType: string;
  roomId: number | null;
  room: string | null;
  guests: number;
  adults: number;
  children: number;
  status: string;
  nightlyRate: number;
  totalAmount: number;
  paymentStatus: PaidStatus;
  source: string;
  contactNumber: string | null;
  email: string | null;
  specialRequests: string | null;
  version: number;
  createdAt: Instant;
  updatedAt: Instant;
  payments: Payment[];
}

export interface Notification {
  id: number;
  kind: "call_waiter" | "bill_requested" | "order_ready" | "new_order" | "payment_completed" | "alert" | "broadcast";
  priority: "low" | "normal" | "high" | "urgent";
  text: string;
  data: Record<string, unknown> | null;
  waiter_id: number | null;
  table_id: number | null;
  order_id: number | null;
  session_id: number | null;
  request_id: number | null;
  audience: "managers" | null;
  /** The notification that nobody acknowledged in time. */
  escalates: number | null;
  created_by: string;
  created_at: Instant;
  acknowledged_by: string | null;
  acknowledged_at: Instant | null;
  resolved_at: Instant | null;
}

export interface Room {
  id: number;
  number: string;
  floor: number;
  roomTypeId: number;
  roomType: string;
  housekeeping: "dirty" | "clean" | "inspected";
  outOfOrder: boolean;
  notes: string | null;
  version: number;
  updatedBy: string;
  updatedAt: Instant;
}

export interface MenuCategory {
  id: number;
  name: string;
  description: string;
  sort: number;
  color: string | null;
  /** False: it was deleted. */
  isActive: boolean;
}

export interface MenuItem {
  id: number;
  name: string;
  description: string;
  /** In major units of the venue's currency. */
  price: number;
  categoryId: number;
  sort: number;
  popular: boolean;
  image: string | null;
  /** False: there is none today. */
  available: boolean;
  /** False: it was deleted. */
  isActive: boolean;
}

/** A table, and what changed of it where something did. */
export type LiveTable = Table & { oldStatus?: TableStatus; oldFloor?: number };

/** What each type of message brings beside `type`, `timestamp` and `cursor`. */
export interface Messages {
  stats_update: { stats: DashboardStats };
  metrics_update: { metrics: OrderStats };
  room_availability_update: { availability: RoomAvailability };
  new_reservation: { reservation: ToldReservation | ToldBooking };
  reservation_update: { reservation: ToldReservation | ToldBooking };
  upcoming_reservation: { reservation: ToldReservation | ToldBooking };
  notification: { notification: Notification };
  table_update: { table: LiveTable };
  order_created: { order: Order };
  order_status_changed: { order: Order };
  order_update: { order: Order };
  room_update: { room: Room };
  menu_item_update: { item: MenuItem };
  menu_category_update: { category: MenuCategory };
  snapshot: { channel: string; data: unknown[] };
  resync: { channels: string[] };
}

export type MessageType = keyof Messages;

/** A message; something that was deleted is told with `deleted`. */
export type Message<T extends MessageType = MessageType> = {
  [K in T]: { type: K; timestamp: Instant; cursor: EventId; deleted?: boolean } & Messages[K];
}[T];

export type Channel =
  | "restaurant_stats" | "restaurant_reservations" | "restaurant_notifications" | "restaurant_tables"
  | "restaurant_orders" | "restaurant_metrics" | "restaurant_menu" | "hotel_stats" | "hotel_reservations" | "hotel_notifications"
  | "hotel_rooms" | "hotel_orders" | "hotel_metrics" | "hotel_menu" | `floor:${number}` | `table:${number}` | `order:${number}`;
