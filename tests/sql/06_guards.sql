-- History that only grows, venues that stay, erasing, accounts' not-before, tenants' accounts.
begin;
set local search_path = public, pg_catalog;
select plan(26);
select t.restaurant('guards') as v \gset
select t.restaurant('doomed') as w \gset
select t.hotel('doomed-inn') as h \gset
select t.tab(:v, 1) as t1 \gset

select set_config('maitred.actor', 'wanda', true);
update maitred.dining_table set status = 'maintenance', status_note = 'wobbles' where id = :t1;
select is((select row(kind, entity_id = :t1, actor, old_status, new_status, note)::text from maitred.status_history where venue = :v),
    '(table,t,wanda,available,maintenance,wobbles)', 'a status change is remembered');
update maitred.dining_table set section = 'window' where id = :t1;
select is((select count(*)::int from maitred.status_history where venue = :v), 1, 'other changes are not');
select set_config('maitred.note', 'called', true);
insert into maitred.reservation (venue, customer_name, party_size, starts_at) values (:v, 'A', 2, now()) returning id as r \gset
update maitred.reservation set status = 'cancelled' where id = :r;
select is((select note from maitred.status_history where venue = :v and kind = 'reservation'), 'called', 'with the operation''s note');
select throws_ok(format('update maitred.status_history set actor = ''x'' where venue = %s', :v), 'MD409', 'append_only');
select throws_ok(format('delete from maitred.status_history where venue = %s', :v), 'MD409', 'append_only');

-- Accounts.
select id as a from maitred.account where venue = :v \gset
update maitred.account set display_name = 'W.', last_login_at = now() where id = :a;
select is((select not_before from maitred.account where id = :a), '-infinity', 'a new name ends no token');
update maitred.account set role = 'viewer' where id = :a;
select ok((select isfinite(not_before) from maitred.account where id = :a), 'a new role does');
update maitred.account set not_before = '-infinity' where id = :a;
update maitred.account set password_hash = 'x' where id = :a;
select ok((select isfinite(not_before) from maitred.account where id = :a), 'a new password does');
update maitred.account set not_before = '-infinity' where id = :a;
update maitred.account set active = false where id = :a;
select ok((select isfinite(not_before) from maitred.account where id = :a), 'deactivation does');
select is(t.violates(format('insert into maitred.account (venue, username, display_name, role) values (%s, ''WANDA'', ''x'', ''waiter'')', :v)),
    '23505 account_username_unique', 'names are unique in a venue, whatever their case');
select is(t.violates(format('insert into maitred.account (venue, username, display_name, role) values (%s, ''zoe'', ''x'', ''chef'')', :v)), '23514 account_role_known');

-- Venues.
select throws_ok(format('delete from maitred.venue where id = %s', :w), 'MD409', 'venue_stays');
select lives_ok(format('update maitred.venue set active = false where id = %s', :w), 'a venue is deactivated');
select is(t.violates('insert into maitred.venue (slug, kind, name, timezone) values (''z'', ''hotel'', ''Z'', ''Mars/Base'')'), '23514 venue_timezone_known');
select is(t.violates('insert into maitred.venue (slug, kind, name) values (''Z!'', ''hotel'', ''Z'')'), '23514 venue_slug_mask');
select is(t.violates('insert into maitred.venue (slug, kind, name) values (''guards'', ''hotel'', ''Z'')'), '23505 venue_slug_unique');
select throws_ok('select maitred.erase_venue(''doomed'', ''yes'')', 'MD422', 'not_confirmed');
select throws_ok('select maitred.erase_venue(''nowhere'', ''nowhere'')', 'MD404', 'venue_not_found');

-- A venue with something of everything, then erased in the same transaction that touched it.
insert into maitred.customer_order (venue, table_id) values (:w, t.tab(:w, 1)) returning id as o \gset
insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (:w, :o, t.item(:w, 'Soup'), 1);
insert into maitred.payment (venue, order_id, amount, method, status) values (:w, :o, 450, 'cash', 'completed');
update maitred.dining_table set status = 'occupied' where venue = :w;
insert into maitred.notification (venue, kind, text) values (:w, 'alert', 'x');
insert into maitred.booking (venue, guest_name, room_type_id, room_id, check_in, check_out)
    values (:h, 'B', t.type_id(:h, 'Suite'), t.room_id(:h, '201'), '2030-01-01', '2030-01-03');
select ok(maitred.erase_venue('doomed', 'doomed') > 20, 'erased');
select ok(maitred.erase_venue('doomed-inn', 'doomed-inn') > 5, 'a hotel too');
select lives_ok('select t.flush()', 'and the transaction commits');
select is((select count(*)::int from feed.log where venue in (:w, :h)) + (select count(*)::int from feed.counter where venue in (:w, :h)), 0, 'no trace in the feed');
select is((select count(*)::int from maitred.venue where id in (:w, :h)), 0, 'nor of the venue');
select is((select count(*)::int from maitred.dining_table where venue = :v), 4, 'the others are whole');
select is((select count(*)::int from maitred.room_type_night where venue = :h), 0, 'no nights are left');
update maitred.dining_table set section = 'bar' where id = :t1;
select t.flush();
select is((t.last_event(:v)).type, 'table.updated', 'the feed goes on for the others');
select * from finish();
rollback;
