"""A large market for the benchmark of the catalogue: copies of the sample world's firms, each with more offerings.

The triggers that note changes and keep words are off while it grows, for it is the reading that is measured; the words
of a copy are those of its original.
"""

import asyncpg

QUIET = (
    *(
        "organisation",
        "provider_profile",
        "approval",
        "offering",
        "offering_area",
        "offering_coach",
        "experience",
    ),
)

FIRMS = """
create temp table copy_of as
select f.id as original, n, gen_random_uuid() as id
  from (select distinct provider_id as id from approval
         where valid_during @> (now() at time zone 'Europe/Helsinki')::date) f,
       generate_series(1, $1) n;
insert into organisation select r.* from copy_of c join organisation o on o.id = c.original,
       jsonb_populate_record(o, jsonb_build_object('id', c.id, 'name', o.name || ' ' || c.n, 'business_id', null,
                             'foreign_register', 'bench', 'foreign_id', c.n || '-' || o.id)) r;
insert into provider_profile select r.* from copy_of c join provider_profile p on p.provider_id = c.original,
       jsonb_populate_record(p, jsonb_build_object('provider_id', c.id)) r;
insert into approval select r.* from copy_of c join approval a on a.provider_id = c.original,
       jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'provider_id', c.id,
                                                 'application_id', null)) r
 where a.valid_during @> (now() at time zone 'Europe/Helsinki')::date;
insert into experience (id, provider_id, service_id, respondents, weight, mean, shrunk, sd, prior_mean, prior_k,
                        prior_variance, distribution, invited, answered, counted_on)
select gen_random_uuid(), a.provider_id, a.service_id, s.people, s.people, s.mean,
       (s.mean * s.people + 36) / (s.people + 10), sqrt(1.0 / (s.people + 10)), 3.6, 10, 1, '[0,0,0,0,0]',
       s.people, s.people, (now() at time zone 'Europe/Helsinki')::date
  from (select distinct c.id as provider_id, a.service_id from copy_of c join approval a on a.provider_id = c.id) a,
       lateral (select (random() * 60 + (a.service_id is null)::int)::int as people, 2.5 + random() * 2.3 as mean) s;
"""

OFFERINGS = """
create temp table more as
select c.id as firm, o.id as original, gen_random_uuid() as id, k.coach_id, o.number
  from (select c.id, c.original, row_number() over (order by c.id) as place from copy_of c) c
  cross join generate_series(1, $1) n
  join lateral (select o.id, row_number() over (order by o.id) as number, count(*) over () as of
                  from offering o where o.provider_id = c.original and o.is_published) o
    on (n + c.place) % o.of = o.number - 1
  left join lateral (select coach_id, row_number() over (order by coach_id) as number, count(*) over () as of
                       from offering_coach where offering_id = o.id) k on n % k.of = k.number - 1;
insert into offering select r.* from more m join offering o on o.id = m.original,
       jsonb_populate_record(o, jsonb_build_object('id', m.id, 'provider_id', m.firm, 'deliverer_id', m.firm,
                             'foreign_id', m.id, 'price_cents', 4000 + (random() * 6000)::int)) r;
insert into offering_area select m.id, a.area_code from more m join offering_area a on a.offering_id = m.original;
insert into offering_coach (offering_id, coach_id) select id, coach_id from more where coach_id is not null;
insert into search_entry (offering_id, coach_id, words, plain)
select m.id, m.coach_id, e.words, e.plain
  from more m join search_entry e on e.offering_id = m.original and e.coach_id is not distinct from m.coach_id;
drop table more;
"""

# One flat table, so that the peer need not find out what can be chosen: it is spared the approvals.
PEER = """
drop table if exists peer_card;
create table peer_card as
select e.id, o.id as offering_id, e.coach_id, o.provider_id, o.service_id, e.words, here.areas,
       array(select jsonb_array_elements_text(o.languages)) as languages,
       array(select jsonb_array_elements_text(o.ways)) as ways, x.shrunk, x.respondents,
       md5(o.provider_id || 'a visitor of today') as turn
  from search_entry e
  join offering o on o.id = e.offering_id and o.is_published
  join lateral (select array_agg(distinct p.area_code::text) as areas from approval a
                  join organisation p on p.id = a.procurer_id
                  join offering_area oa on oa.offering_id = o.id and oa.area_code = p.area_code
                 where a.provider_id = o.provider_id and a.service_id = o.service_id
                   and a.valid_during @> (now() at time zone 'Europe/Helsinki')::date) here on here.areas is not null
  left join experience x on x.provider_id = o.provider_id and x.service_id = o.service_id and x.offering_id is null;
alter table peer_card add primary key (id);
create index on peer_card (turn, id);
create index on peer_card using gin (areas);
create index on peer_card using gin (languages);
create index on peer_card using gin (ways);
create index on peer_card using gin (words);
create index on peer_card (service_id);
grant select on peer_card to setori_app;
"""


async def for_the_peer(owner: asyncpg.Connection) -> None:
    """What can be chosen, as one flat table with an index on every filter."""
    await owner.execute(PEER)
    await owner.execute("vacuum analyze peer_card")


async def grow(owner: asyncpg.Connection, firms: int, each: int) -> int:
    """Let there be about so many firms more, with so many offerings each. Returns the number of offerings."""
    for table in QUIET:
        await owner.execute(f"alter table {table} disable trigger user")
    known = await owner.fetchval(
        "select count(distinct provider_id) from approval "
        " where valid_during @> (now() at time zone 'Europe/Helsinki')::date"
    )
    await owner.execute("drop table if exists copy_of")
    await owner.execute(
        FIRMS.replace("$1", str(max(1, round(firms / known)))).replace("bench", f"bench {firms}")
    )
    await owner.execute(OFFERINGS.replace("$1", str(each)))
    for table in QUIET:
        await owner.execute(f"alter table {table} enable trigger user")
    await owner.execute("vacuum analyze")
    return int(await owner.fetchval("select count(*) from offering"))
