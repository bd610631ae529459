-- The venues of the storm: six restaurants with a table for each writer, one small hotel.
insert into maitred.venue (slug, kind, name) select 'storm-' || g, 'restaurant', 'Storm ' || g from generate_series(1, 6) g;
insert into maitred.floor select id, 1, 'Ground' from maitred.venue;
insert into maitred.dining_table (venue, number, label, capacity)
    select v.id, n, 'T-' || n, 4 from maitred.venue v, generate_series(1, 18) n;
insert into maitred.venue (slug, kind, name, settings) values ('storm-hotel', 'hotel', 'Storm', '{"overbooking_allowance": 1}');
insert into maitred.room_type (venue, name) select id, 'Double' from maitred.venue where slug = 'storm-hotel';
insert into maitred.room (venue, room_type_id, number) select t.venue, t.id, n from maitred.room_type t, unnest(array['101', '102', '103']) n;
