-- How the words of an export are read: numbers, dates, nulls, names. Pure functions; a text that
-- can't be read gives null, and whoever asked says why that is a reason to reject the row.
-- In plpgsql, whose expressions stay prepared: as SQL functions, which the planner can not inline
-- where an argument is used twice, the same words took forty times as long.
-- Used by the import functions only.
set local role maitred_owner;
set local search_path = pg_catalog, import, pg_temp;

-- Exports say "nothing" in several ways.
create or replace function import.clean(word text) returns text
language plpgsql immutable parallel safe
as $$
declare trimmed text := btrim(word);
begin
    if trimmed = '' or upper(trimmed) in ('NULL', 'NA', 'N/A', '\N') then return null; end if;
    return trimmed;
end $$;

-- Spreadsheets turn whole numbers into 2.0.
create or replace function import.to_int(word text) returns int
language plpgsql immutable parallel safe
as $$
begin
    if word ~ '^\s*[+-]?[0-9]{1,9}(\.0{1,9})?\s*$' then return split_part(word, '.', 1)::int; end if;
    return null;
end $$;

create or replace function import.to_number(word text) returns numeric
language plpgsql immutable parallel safe
as $$
begin
    if word ~ '^\s*[+-]?[0-9]{1,12}(\.[0-9]{1,9})?\s*$' then return word::numeric; end if;
    return null;
end $$;

create or replace function import.month_number(word text) returns int
language plpgsql immutable parallel safe
as $$
declare
    months constant text[] := array['january', 'february', 'march', 'april', 'may', 'june', 'july',
        'august', 'september', 'october', 'november', 'december'];
    short constant text[] := array['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep',
        'oct', 'nov', 'dec'];
    trimmed text := lower(btrim(word));
begin
    return coalesce(array_position(months, trimmed), array_position(short, trimmed),
                    import.to_int(trimmed));
end $$;

-- Null where there is no such day; no export of ours is older than 1900.
create or replace function import.to_date(year int, month int, day int) returns date
language plpgsql immutable parallel safe
as $$
begin
    if year between 1900 and 2199 and month between 1 and 12 and day between 1 and 31
       and (day <= 28 or day <= extract(day from make_date(year, month, 1) + interval '1 month'
                                                 - interval '1 day')) then
        return make_date(year, month, day);
    end if;
    return null;
end $$;

-- A date in three numbers: 'mdy' and 'dmy' name their order; ISO 8601 is understood with both.
create or replace function import.read_date(word text, form text) returns date
language plpgsql immutable parallel safe
as $$
declare p text[];
begin
    if word !~ '^\s*([0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})\s*$' then
        return null;
    end if;
    p := string_to_array(translate(btrim(word), '/.', '--'), '-');
    return case when length(p[1]) = 4 then import.to_date(p[1]::int, p[2]::int, p[3]::int)
                when form = 'mdy' then import.to_date(p[3]::int, p[1]::int, p[2]::int)
                else import.to_date(p[3]::int, p[2]::int, p[1]::int) end;
end $$;

create or replace function import.read_time(word text) returns time
language plpgsql immutable parallel safe
as $$
begin
    if word ~ '^\s*([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?\s*$' then return word::time; end if;
    return null;
end $$;

-- A number from 0 to n - 1 that depends on the text alone, the same on every machine.
create or replace function import.pick(seed text, n int) returns int
language plpgsql immutable parallel safe
as $$ begin return ('x' || substr(md5(seed), 1, 7))::bit(28)::int % n; end $$;

-- Exports for research hold no names. These are made up, from the row alone.
create or replace function import.guest_name(seed text) returns text
language plpgsql immutable parallel safe
as $$
declare
    given constant text[] := array[
        'Ana', 'João', 'Maria', 'Pedro', 'Inês', 'Tiago', 'Sofia', 'Rui', 'Emma', 'Oliver', 'Grace',
        'Harry', 'Alice', 'George', 'Camille', 'Lucas', 'Chloé', 'Hugo', 'Léa', 'Louis', 'Lena',
        'Jonas', 'Hannah', 'Felix', 'Greta', 'Paul', 'Giulia', 'Marco', 'Chiara', 'Luca', 'Elena',
        'Carlos', 'Lucía', 'Javier', 'Carmen', 'Diego', 'Noor', 'Daan', 'Sanne', 'Bram', 'Ingrid',
        'Erik', 'Astrid', 'Lars', 'Zofia', 'Jakub', 'Aoife', 'Conor', 'Mei', 'Wei', 'Yuki', 'Priya'];
    family constant text[] := array[
        'Silva', 'Santos', 'Ferreira', 'Pereira', 'Oliveira', 'Costa', 'Rodrigues', 'Almeida',
        'Smith', 'Jones', 'Taylor', 'Brown', 'Wilson', 'Evans', 'Walker', 'Wright', 'Martin',
        'Bernard', 'Dubois', 'Moreau', 'Laurent', 'Lefèvre', 'Müller', 'Schmidt', 'Schneider',
        'Fischer', 'Weber', 'Wagner', 'Becker', 'Rossi', 'Russo', 'Ferrari', 'Bianchi', 'Romano',
        'García', 'Martínez', 'López', 'Sánchez', 'Pérez', 'Gómez', 'de Vries', 'Jansen', 'Bakker',
        'Visser', 'Johansson', 'Andersson', 'Nilsson', 'Hansen', 'Kowalski', 'Nowak', 'Murphy',
        'O’Brien', 'Kelly', 'Chen', 'Wang', 'Tanaka', 'Patel', 'Novák', 'Horvat', 'Nagy'];
begin
    return given[1 + import.pick(seed || '/given', cardinality(given))] || ' ' ||
           family[1 + import.pick(seed || '/family', cardinality(family))];
end $$;

-- Days by which the history moves: whole weeks, so that a Friday stays a Friday, and as many as
-- bring `last` (or the day that the option names) to today or to one of the six days after it.
create or replace function import.shift_days(option text, last date, today date) returns int
language plpgsql immutable parallel safe
as $$
declare anchor date := case when option = '' then last else import.read_date(option, 'dmy') end;
begin
    if option is null then return 0; end if;
    if anchor is null then
        perform maitred.fail(422, 'invalid_field', 'The day to shift to today is written YYYY-MM-DD.');
    end if;
    return ceil((today - anchor) / 7.0)::int * 7;
end $$;
