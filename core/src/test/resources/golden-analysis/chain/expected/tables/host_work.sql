SELECT part, name, kind, layer, owner, named, beneath, count(*) AS n, sum(inside) FILTER (outermost) / 1000 AS inside, sum(self) / 1000 AS self
FROM host_work
WHERE stage = 'decode'
GROUP BY ALL
