"""Who is approved where on a day, and who delivers there: a part of every statement that asks what can be chosen."""

ALLOWED = """
    allowed as materialized (
        select a.provider_id, a.service_id, d.firm_id as deliverer_id, array_agg(distinct p.area_code) as area_codes
          from approval a join organisation p on p.id = a.procurer_id and p.kind = 'procurer'
          join (select id as approval_id, provider_id as firm_id from approval
                union all select approval_id, firm_id from partner where during @> {day}) d
            on d.approval_id = a.id
         where a.valid_during @> {day} {firms}
           and not exists (select from pause q where q.approval_id = a.id and q.from_on <= {day}
                             and (q.until_on is null or q.until_on > {day}))
         group by 1, 2, 3
    )"""
"""Short rows, so that the planner has little to guess. `day` is the parameter; `firms` narrows to some providers."""
