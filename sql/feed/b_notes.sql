-- What changed, noted row by row for the rest of the transaction.
--
-- The notes live in the transaction-local setting maitred.notes: a rollback to a savepoint takes
-- its notes back by itself, and nothing is written to disk for them. A note is
--     RS venue US kind US id US relation US row US op US old-row-as-text
-- and only the first note of a row and aggregate is kept: its old values are those from before
-- the transaction, and a row that was inserted has none. Past 2,000 notes or 256 kB they collapse
-- to '!venue!venue!': each of those venues gets one `resync` event. (Bounded, because every note
-- copies the setting. Which number of changes is too many for a venue is feed.state.resync_after,
-- applied when the events are made; these bounds only keep a transaction of several venues cheap.)
--
-- One firing makes the events: the constraint trigger's WHEN is evaluated when a row is queued,
-- not when it fires, so the setting maitred.armed lets only the first row of a transaction
-- through. 85,000 rows queue one deferred event instead of 85,000 that return at once.
set local role maitred_owner;
set local search_path = pg_catalog, feed, maitred, pg_temp;

-- The trigger functions are generated: one a table, its columns written out, because reaching
-- them through jsonb costs more than everything else in here. They are not security definer and
-- pin nothing, which costs more than the note itself: they use built-in functions and settings only,
-- and a login role comes here from an api function alone, which has pinned its path.

-- A row as text that reads back, whatever DateStyle the session has.
create or replace function feed.row_text(r record) returns text
language plpgsql stable set datestyle = 'ISO'
as $$ begin return r::text; end $$;

create or replace function feed.create_note_trigger(
    tab text,               -- of schema maitred
    aggregates text[][],    -- {kind, column of the aggregate's id} pairs
    row_id text default 'id',
    venue text default 'venue',
    ignored text default null)  -- a column whose change alone is no news
returns void language plpgsql
as $f$
declare
    notes text := '';
    a text[];
    -- %1 kind, %2 column, %3 table, %4 row id, %5 side, %6 condition
    one constant text := $q$
            if %6$s then
                key := chr(30) || who || chr(31) || %1$L || chr(31) || %5$s.%2$I || chr(31) || %3$L
                    || chr(31) || %5$s.%4$I || chr(31);
                if tg_op = 'INSERT' or position(key in notes) = 0 then
                    notes := notes || key || left(tg_op, 1) || chr(31) || was;
                    n := n + 1;
                end if;
            end if;$q$;
begin
    foreach a slice 1 in array aggregates loop
        -- What a part has left comes before what it has come to.
        notes := notes || format(one, a[1], a[2], tab, row_id, 'old', format(
                'tg_op <> ''INSERT'' and old.%1$I is not null and new.%1$I is distinct from old.%1$I',
                a[2]))
            || format(one, a[1], a[2], tab, row_id, 'new',
                format('tg_op <> ''DELETE'' and new.%I is not null', a[2]));
    end loop;
    execute format($t$
        create or replace function feed.note_%1$s() returns trigger
        language plpgsql as $body$
        declare
            notes text := coalesce(current_setting('maitred.notes', true), '');
            n int;
            who text := case tg_op when 'DELETE' then old.%2$I else new.%2$I end;
            key text;
            was text := '';
        begin
            if notes like '!%%' then
                if position('!' || who || '!' in notes) = 0 then
                    key := set_config('maitred.notes', notes || who || '!', true);
                end if;
                return null;
            end if;
            if tg_op <> 'INSERT' then
                %4$s
                if new is not distinct from old then return null; end if;
                if current_setting('maitred.erasing', true) = who then return null; end if;
                was := translate(feed.row_text(old), chr(30) || chr(31), '  ');
            end if;
            n := coalesce(nullif(current_setting('maitred.noted', true), ''), '0')::int;
            %3$s
            if n > 2000 or octet_length(notes) > 262144 then notes := feed.collapse(notes); end if;
            key := set_config('maitred.notes', notes, true) || set_config('maitred.noted', n::text, true);
            return null;
        end $body$;
        create or replace trigger x_note after insert or update or delete on maitred.%1$I
            for each row execute function feed.note_%1$s();
        $t$, tab, venue, notes,
        case when ignored is not null
            then format('if tg_op = ''UPDATE'' then old.%1$I := new.%1$I; end if;', ignored)
            else '' end);
    execute format($t$
        create or replace trigger y_emit_late after insert or update or delete on maitred.%I
            for each statement execute function feed.emit_late()$t$, tab);
    -- A constraint trigger can not be replaced, and dropping one locks the table out: a change of
    -- its definition gets another name here and drops this one.
    if not exists (select from pg_trigger where tgname = 'x_emit'
                   and tgrelid = format('maitred.%I', tab)::regclass) then
        execute format($t$
            create constraint trigger x_emit after insert or update or delete on maitred.%I
                deferrable initially deferred for each row
                when (case when current_setting('maitred.armed', true) = '1' then false
                           else set_config('maitred.armed', '1', true) = '1' end)
                execute function feed.emit()$t$, tab);
    end if;
end $f$;

-- Too many notes: only the venues are remembered.
create or replace function feed.collapse(notes text) returns text
language sql immutable
as $$ select '!' || string_agg(distinct split_part(n, chr(31), 1), '!') || '!'
    from string_to_table(notes, chr(30)) n where n <> '' $$;

-- The notes as rows; none when they have collapsed.
create or replace function feed.read_notes(notes text) returns feed.note[]
language plpgsql immutable
as $$
declare
    lines text[] := string_to_array(notes, chr(30));   -- the first is empty
    f text[];
    found feed.note[] := '{}';
begin
    for i in 2 .. cardinality(lines) loop
        f := string_to_array(lines[i], chr(31));
        found[i - 1] := (i - 1, f[1], f[2], f[3], f[4], f[5], f[6], f[7])::feed.note;
    end loop;
    return found;
end $$;
