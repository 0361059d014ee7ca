-- Does the choice of experts change in the course of the run?
-- @needs    expert_choice
-- @param    windows      4          parts of equally many tokens into which the run is cut
-- @param    splits       16         random halves by which the noise is judged
-- @param    sigma        4          standard deviations of their distances above the mean from which a distance is drift
-- @column   layer                   transformer layer from 0
-- @column   part                    part of the run, from 1: its rows compare it with the part before
-- @column   from_token              first token of the part
-- @column   tokens [count]          its tokens
-- @column   distance [ratio]        Jensen-Shannon distance (base 2) between the shares of the experts in this part and in the part before: 0 the same, 1 no expert in common
-- @column   from_start [ratio]      the same distance to the first part
-- @column   noise [ratio]           mean distance between random halves of both parts' tokens, which drift does not move
-- @column   noise_high [ratio]      that mean and sigma standard deviations: what noise may reach
-- @column   verdict                 drifts where the distance is above what noise may reach; within noise where it is not
-- @column   hottest                 expert chosen most in this part
-- @column   hottest_share [ratio]   of the choices in this part
-- @column   before_share [ratio]    of the choices in the part before
WITH ordered AS (
  SELECT token, row_number() OVER (ORDER BY token) - 1 AS place, count(*) OVER () AS n
  FROM (SELECT DISTINCT token FROM expert_choice)),
     cut AS (
  SELECT token, (place * $windows) // n AS part FROM ordered WHERE n >= 2 * $windows),
     choice AS (
  SELECT e.layer, e.expert, e.token, c.part FROM expert_choice e JOIN cut c ON c.token = e.token),
     part AS (SELECT part, min(token) AS from_token, count(*) AS tokens FROM cut GROUP BY part),
     pair AS (
  SELECT b.part, a.part AS other, b.part - 1 = a.part AS adjacent
  FROM part b JOIN part a ON a.part < b.part AND a.part IN (0, b.part - 1)),
     counted AS (SELECT layer, part, expert, count(*) AS n FROM choice GROUP BY ALL),
     sided AS (
  SELECT p.part, p.other, -1 AS split, c.layer, c.expert, c.n * 1e0 AS n, CASE WHEN c.part = p.part THEN 1 ELSE 0 END AS side
  FROM pair p
  JOIN counted c ON c.part IN (p.part, p.other)
  UNION ALL
  SELECT t.part, t.part - 1, t.split, c.layer, c.expert, count(*) * 1e0, t.side
  FROM (SELECT p.part, s.split, u.token,
               CASE WHEN row_number() OVER (PARTITION BY p.part, s.split ORDER BY hash(s.split || '/' || u.token), u.token) <= q.tokens
                    THEN 1 ELSE 0 END AS side
        FROM pair p
        JOIN part q ON q.part = p.part
        JOIN cut u ON u.part IN (p.part, p.other)
        CROSS JOIN range($splits) s (split)
        WHERE p.adjacent) t
  JOIN choice c ON c.token = t.token
  GROUP BY ALL),
     share AS (
  SELECT part, other, split, layer, expert, side, n / sum(n) OVER (PARTITION BY part, other, split, layer, side) AS p FROM sided),
     both_sides AS (
  SELECT part, other, split, layer, expert, coalesce(sum(p) FILTER (side = 0), 0) AS p, coalesce(sum(p) FILTER (side = 1), 0) AS q
  FROM share
  GROUP BY ALL),
     distance AS (
  SELECT part, other, split, layer,
         sqrt(greatest(0, sum(CASE WHEN p > 0 THEN p * log2(2 * p / (p + q)) ELSE 0 END
                                + CASE WHEN q > 0 THEN q * log2(2 * q / (p + q)) ELSE 0 END) / 2)) AS d
  FROM both_sides
  GROUP BY ALL),
     judged AS (
  SELECT part, layer, max(d) FILTER (split = -1 AND other = part - 1) AS distance, max(d) FILTER (split = -1 AND other = 0) AS from_start,
         avg(d) FILTER (split >= 0) AS noise, avg(d) FILTER (split >= 0) + $sigma * coalesce(stddev_samp(d) FILTER (split >= 0), 0) AS noise_high
  FROM distance
  GROUP BY ALL),
     hot AS (
  SELECT layer, part, first(expert ORDER BY n DESC, expert) AS expert, max(n) * 1e0 / sum(n) AS share FROM counted GROUP BY ALL),
     total AS (SELECT layer, part, sum(n) AS n FROM counted GROUP BY ALL)
SELECT j.layer, j.part + 1 AS part, p.from_token, p.tokens, j.distance, j.from_start, j.noise, j.noise_high,
       CASE WHEN j.distance > j.noise_high THEN 'drifts' ELSE 'within noise' END AS verdict, h.expert AS hottest,
       h.share AS hottest_share, coalesce(c.n, 0) * 1e0 / t.n AS before_share
FROM judged j
JOIN part p ON p.part = j.part
JOIN hot h ON h.layer = j.layer AND h.part = j.part
JOIN total t ON t.layer = j.layer AND t.part = j.part - 1
LEFT JOIN counted c ON c.layer = j.layer AND c.part = j.part - 1 AND c.expert = h.expert
ORDER BY j.distance - j.noise_high DESC, j.layer, j.part
