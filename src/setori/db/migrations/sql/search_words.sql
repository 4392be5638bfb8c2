-- The words by which a pair is found: a coach within an offering, or an offering that names no coaches.
--
-- `words` holds every text three times over: by the stems of its own language (names and topics by those of all three)
-- and as it is written. `plain` is for parts of words and slips of the pen. Accents are taken off first, so that
-- aijala finds Äijälä; the stemmers do not mind.

create extension if not exists unaccent;
create extension if not exists fuzzystrmatch;

create text search configuration setori_fi (copy = finnish);
create text search configuration setori_sv (copy = swedish);
create text search configuration setori_en (copy = english);
create text search configuration setori_plain (copy = simple);
alter text search configuration setori_fi alter mapping for hword, hword_part, word with unaccent, finnish_stem;
alter text search configuration setori_sv alter mapping for hword, hword_part, word with unaccent, swedish_stem;
alter text search configuration setori_en alter mapping for hword, hword_part, word with unaccent, english_stem;
alter text search configuration setori_plain alter mapping for hword, hword_part, word with unaccent, simple;

-- In small letters without accents. `unaccent` alone is only stable, for its rules could be changed: ours never are.
create function plain_words(told text) returns text
language sql immutable strict parallel safe set search_path = public as $$
  select lower(unaccent('unaccent'::regdictionary, told))
$$;

-- What a typed word asks for: its stem in any of the languages, or the word as it is. Finnish changes also before its
-- endings (nuori, nuorten), so that a longer Finnish stem may go on; but not that of somebody's name, for Kaarna is not
-- Kaarina. So may the last word of somebody who types. A word that says nothing in one of the languages (and, och, ja)
-- asks for nothing.
create function word_query(word text, goes_on boolean, is_name boolean default false) returns tsquery
language sql immutable parallel safe set search_path = public as $$
  select case
    when not exists (select where word ~ '[[:alnum:]]')
      or numnode(plainto_tsquery('setori_fi', word)) = 0 or numnode(plainto_tsquery('setori_sv', word)) = 0
      or numnode(plainto_tsquery('setori_en', word)) = 0 then ''::tsquery
    else case when is_name then plainto_tsquery('setori_fi', word)
              else regexp_replace(plainto_tsquery('setori_fi', word)::text, '''([^'']{4,})''', '''\1'':*', 'g')::tsquery
         end
         || plainto_tsquery('setori_sv', word) || plainto_tsquery('setori_en', word)
         || plainto_tsquery('setori_plain', word)
         || case when goes_on and plain_words(word) ~ '^[a-z0-9]+$' then (plain_words(word) || ':*')::tsquery
                 else ''::tsquery end
    end
$$;

-- Whether somebody, or a firm, is called so.
create function is_a_name(word text) returns boolean
language sql stable parallel safe set search_path = public as $$
  select plain_words(word) ~ '^[a-z0-9]+$'
     and exists (select from search_entry e where e.words @@ (plain_words(word) || ':A')::tsquery)
$$;

-- The entries that hold something like a word: a word one letter off, or of a longer one most of its parts.
create function entries_like(word text) returns bigint[]
language sql stable set search_path = public set pg_trgm.word_similarity_threshold = 0.5 as $$
  select coalesce(array_agg(e.id), '{}') from search_entry e
   where plain_words(word) <% e.plain
     and (length(word) >= 8 or exists (
            select from regexp_split_to_table(e.plain, '[^[:alnum:]]+') as other
             where length(other) < 200 and levenshtein_less_equal(plain_words(word), other, 1) <= 1))
$$;

-- The owner's: the application changes these rows by what it changes elsewhere only.
create function refresh_search_entries(offerings uuid[]) returns void
language plpgsql security definer set search_path = public as $$
begin
  delete from search_entry e
   where e.offering_id = any(offerings)
     and not exists (select from offering o left join offering_coach oc on oc.offering_id = o.id
                      where o.id = e.offering_id and oc.coach_id is not distinct from e.coach_id);
  insert into search_entry as e (offering_id, coach_id, words, plain)
  select o.id, oc.coach_id,
         to_tsvector('setori_fi', t.fi) || to_tsvector('setori_sv', t.sv) || to_tsvector('setori_en', t.en)
           || to_tsvector('setori_fi', t.names) || to_tsvector('setori_sv', t.names)
           || to_tsvector('setori_en', t.names)
           || setweight(to_tsvector('setori_plain', t.called), 'A')
           || to_tsvector('setori_plain', concat_ws(' ', t.names, t.fi, t.sv, t.en, t.places)),
         plain_words(concat_ws(' ', t.names, t.fi, t.sv, t.en))
    from offering o
    join organisation firm on firm.id = o.provider_id
    join organisation hand on hand.id = o.deliverer_id
    join service s on s.id = o.service_id
    left join provider_profile p on p.provider_id = o.provider_id
    left join offering_coach oc on oc.offering_id = o.id
    left join coach c on c.id = oc.coach_id
    cross join lateral (
      select concat_ws(' ', s.name ->> 'fi', o.title ->> 'fi', o.summary ->> 'fi', o.first_week ->> 'fi',
                       c.own_words ->> 'fi') as fi,
             concat_ws(' ', s.name ->> 'sv', o.title ->> 'sv', o.summary ->> 'sv', o.first_week ->> 'sv',
                       c.own_words ->> 'sv') as sv,
             concat_ws(' ', s.name ->> 'en', o.title ->> 'en', o.summary ->> 'en', o.first_week ->> 'en',
                       c.own_words ->> 'en') as en,
             concat_ws(' ', c.name, firm.name, nullif(hand.name, firm.name)) as called,
             concat_ws(' ', c.name, firm.name, nullif(hand.name, firm.name), p.city,
                       (select string_agg(value, ' ') from jsonb_array_elements_text(c.specialities))) as names,
             (select string_agg(distinct concat_ws(' ', m.name ->> 'fi', m.name ->> 'sv'), ' ')
                from offering_area oa join municipality m on m.area_code = oa.area_code
               where oa.offering_id = o.id) as places
    ) t
   where o.id = any(offerings)
  on conflict (offering_id, coach_id) do update set words = excluded.words, plain = excluded.plain
   where (e.words, e.plain) is distinct from (excluded.words, excluded.plain);
end $$;

-- tg_argv[0] selects the offerings from the rows of the statement, `changed`.
create function follow_words() returns trigger language plpgsql as $$
declare
  offerings uuid[];
begin
  execute 'select array_agg(distinct id) from (' || tg_argv[0] || ') as of (id)' into offerings;
  if offerings is not null then
    perform refresh_search_entries(offerings);
  end if;
  return null;
end $$;

create function follow_name_of_firm() returns trigger language plpgsql as $$
begin
  perform refresh_search_entries(array_agg(id)) from offering where provider_id = new.id or deliverer_id = new.id;
  return null;
end $$;
create trigger organisation_name_is_followed after update of name on organisation
  for each row when (new.name <> old.name and new.kind = 'provider') execute function follow_name_of_firm();

grant select on search_entry to setori_app;
