import json,httpx,re
d=json.load(open('/tmp/setori/s4/c/d/demo.json')); base=d['base_url']
def who(role):
    c=httpx.Client(base_url=base,follow_redirects=True,headers={'accept-language':'en'})
    p=next(x for x in d['personas'] if x['role']==role)
    r=c.get(p['sign_in_url'])
    m=re.search(r'name="_csrf" value="([^"]+)"',r.text)
    f=dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"',r.text))
    act=re.search(r'<form[^>]*action="([^"]+)"',r.text)
    if '/sign-in' in str(r.url): r=c.post(act[1] if act else str(r.url),data=f)
    return c
def main(t): 
    t=re.sub(r'<[^>]+>',' ',t[t.index('<main'):]) ; return re.sub(r'\s+',' ',t)[:1800]
o=who('provider_owner'); g=who('registrar')
for c,path in ((o,'/provider/consortia'),(g,'/procurer/consortia')):
    r=c.get(path); print(path,r.status_code,main(r.text)); print()
m=re.search(r'/procurer/changes/[\w-]+',g.get('/procurer/consortia').text)
if m: print(m[0],main(g.get(m[0]).text)); print()
r=o.get('/providers?q=moni'); m=re.search(r'/providers/[\w-]{36}',r.text); r=o.get(m[0]); t=main(r.text); i=t.find('Delivers together'); print(r.status_code,t[i:i+900])
